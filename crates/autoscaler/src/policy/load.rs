//! Waiting that chance makes: what the fluid plan does not see, for every number of slots.

use super::{ClassInputs, Inputs};
use crate::{erlang, num};

/// The offered load of all classes, with the probability of waiting for each number of slots.
pub(crate) struct Load<'a> {
    classes: &'a [ClassInputs],
    /// Erlang C by number of slots.
    waits: Vec<f64>,
    /// Mean slot seconds over all arrivals.
    mean_s: f64,
    /// Seconds over which a queue that is near its limit has had time to grow.
    horizon_s: f64,
}

/// Waiting of one class that chance makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chance {
    /// Mean number waiting.
    pub(crate) waiting: f64,
    /// Share of arrivals that wait longer than their patience.
    pub(crate) late: f64,
}

impl<'a> Load<'a> {
    pub(crate) fn new(inputs: &'a Inputs, most: u32, horizon_s: f64) -> Self {
        let classes = &inputs.classes;
        let rate: f64 = classes.iter().map(|class| class.arrivals_per_s).sum();
        let load: f64 = classes.iter().map(erlangs).sum();
        Self {
            classes,
            waits: erlang::erlang_c_table(most.saturating_mul(inputs.fleet.slots), load),
            mean_s: if rate > 0.0 { load / rate } else { 0.0 },
            horizon_s,
        }
    }

    /// Waiting of class `index` with so many slots; `full` when a backlog keeps them all busy.
    ///
    /// By A. Cobham, "Priority assignment in waiting line problems", 1954: served first come, first served within a class, no
    /// one interrupted, the wait is that for the next slot, stretched by what is served before. With the factor of Allen
    /// and Cunneen over the classes that are served up to this one. Near or above its limit a queue has not had the time
    /// to reach its mean; there the spread of a random walk over the horizon bounds it.
    pub(crate) fn chance(&self, index: usize, slots: u32, full: bool) -> Chance {
        let class = &self.classes[index];
        let rate = class.arrivals_per_s;
        if rate <= 0.0 {
            return Chance {
                waiting: 0.0,
                late: 0.0,
            };
        }
        let before = self.used(index, slots);
        let with = self.used(index + 1, slots);
        let factor = self.variability(index + 1);
        let bound_s = (2.0 * factor * self.horizon_s / rate).sqrt();
        let overloaded = slots == 0 || with >= 1.0;
        let (waits, those_wait_s) = if overloaded {
            (1.0, bound_s)
        } else {
            let waits = if full { 1.0 } else { self.waits[num::index(slots)] };
            let mean_s = factor * self.mean_s / (f64::from(slots) * (1.0 - before) * (1.0 - with));
            (waits, mean_s * bound_s / (mean_s + bound_s))
        };
        Chance {
            waiting: rate * waits * those_wait_s,
            late: erlang::waits_longer(waits, those_wait_s, class.patience_s),
        }
    }

    /// Use of the slots by the first `classes` classes.
    fn used(&self, classes: usize, slots: u32) -> f64 {
        self.classes[..classes].iter().map(erlangs).sum::<f64>() / f64::from(slots.max(1))
    }

    /// The factor of Allen and Cunneen over the first `classes` classes, by their share of the work.
    fn variability(&self, classes: usize) -> f64 {
        let served = &self.classes[..classes];
        let load: f64 = served.iter().map(erlangs).sum();
        let weighted: f64 = served
            .iter()
            .map(|class| erlangs(class) * erlang::allen_cunneen(class.arrivals_dispersion, class.service_scv))
            .sum();
        if load > 0.0 { weighted / load } else { 1.0 }
    }
}

/// Slots that a class keeps busy.
fn erlangs(class: &ClassInputs) -> f64 {
    class.arrivals_per_s * class.service_mean_s
}
