//! Arrival rate and service time from what was counted.

mod arrivals;
mod service;

pub use arrivals::ArrivalRate;

pub use service::ServiceTime;

use crate::{ClassInputs, ClassObservation};

/// The estimators of one class.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClassEstimator {
    arrivals: ArrivalRate,
    service: ServiceTime,
}

impl ClassEstimator {
    /// Counts one look and says what is believed now.
    pub(crate) fn observe(&mut self, interval_s: f64, seen: &ClassObservation) -> ClassInputs {
        self.arrivals.observe(interval_s, seen.arrivals);
        self.service
            .observe(seen.ended, seen.service_sum_s, seen.service_square_sum_s2);
        ClassInputs {
            name: seen.name.clone(),
            arrivals_per_s: self.arrivals.per_s(),
            arrivals_dispersion: self.arrivals.dispersion(),
            service_mean_s: self.service.mean_s(),
            service_scv: self.service.scv(),
            waiting: seen.waiting,
            running: seen.running,
            due: seen.due.clone(),
            delay_micros_per_s: seen.delay_micros_per_s,
            margin_micros: seen.margin_micros,
            patience_s: seen.patience_s,
        }
    }
}
