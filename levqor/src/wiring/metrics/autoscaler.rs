//! Gauges of the autoscaler, told by the leader only: one process has the series, so that it may be taken as it is.

use std::sync::Arc;

use levqor_autoscaler::{ClassInputs, Decision};
use levqor_scheduler::SchedulerStats;
use levqor_telemetry::Metrics;
use opentelemetry::KeyValue;

use super::minor_units;

/// A gauge's name, its HELP line and how it is read.
type Row = (&'static str, &'static str, fn(&Decision) -> Option<f64>);

const DECISION: [Row; 4] = [
    (
        "levqor_desired_workers",
        "Workers that there should be. From the leader; missing while the autoscaler is off.",
        |decision| Some(decision.desired.into()),
    ),
    (
        "levqor_autoscaler_recommended_workers",
        "Workers that are worth their price now, before hysteresis and stabilisation. From the leader.",
        |decision| Some(decision.recommended.into()),
    ),
    (
        "levqor_autoscaler_marginal_value",
        "What the last of the desired workers saves over the horizon, in minor units. From the leader.",
        |decision| last(decision, |row| row.saved_micros),
    ),
    (
        "levqor_autoscaler_marginal_cost",
        "What the last of the desired workers costs over the horizon, in minor units. From the leader.",
        |decision| last(decision, |row| row.cost_micros),
    ),
];

/// The same for each class of work.
type ClassRow = (&'static str, &'static str, fn(&ClassInputs) -> f64);

const CLASSES: [ClassRow; 3] = [
    (
        "levqor_autoscaler_arrivals_per_second",
        "Runs that arrive unforeseen a second, as estimated, by priority. From the leader.",
        |class| class.arrivals_per_s,
    ),
    (
        "levqor_autoscaler_service_seconds",
        "Mean time that a run holds a slot, as estimated, by priority. From the leader.",
        |class| class.service_mean_s,
    ),
    (
        "levqor_autoscaler_delay_cost_per_hour",
        "What an hour of waiting of a run costs, in minor units, by priority. From the leader.",
        |class| minor_units(class.delay_micros_per_s) * 3_600.0,
    ),
];

/// Reads the leader's last decision.
pub(super) fn gauges(metrics: &Metrics, stats: &Arc<SchedulerStats>) {
    for (name, help, read) in DECISION {
        let stats = stats.clone();
        metrics.gauge(name, help, move || {
            stats.autoscaler.lock().as_ref().and_then(read)
        });
    }
    for (name, help, read) in CLASSES {
        let stats = stats.clone();
        metrics.gauges(name, help, move || {
            let decision = stats.autoscaler.lock();
            let classes = decision.iter().flat_map(|decision| &decision.inputs.classes);
            let told =
                |class: &ClassInputs| (vec![KeyValue::new("priority", class.name.clone())], read(class));
            classes.map(told).collect()
        });
    }
    let stats = stats.clone();
    metrics.gauges(
        "levqor_autoscaler_reason",
        "1 for what settled the last decision. From the leader.",
        move || {
            let decision = stats.autoscaler.lock();
            let reason = |decision: &Decision| (vec![KeyValue::new("reason", decision.reason.code())], 1.0);
            decision.iter().map(reason).collect()
        },
    );
}

/// Of the table's row for the desired number, in minor units.
fn last(decision: &Decision, read: fn(&levqor_autoscaler::Candidate) -> i64) -> Option<f64> {
    let row = decision
        .table
        .iter()
        .find(|row| row.workers == decision.desired)?;
    Some(minor_units(read(row)))
}

#[cfg(test)]
mod tests {
    use levqor_autoscaler::{Autoscaler, ClassObservation, Fleet, Observation, Settings};

    use super::*;

    fn decision() -> Decision {
        let seen = Observation {
            interval_s: 15.0,
            fleet: Fleet {
                slots: 1,
                ready: 1,
                ..Fleet::default()
            },
            worker_micros_per_hour: 4_000_000,
            classes: vec![ClassObservation {
                name: "normal".to_owned(),
                arrivals: 30,
                ended: 0,
                service_sum_s: 0.0,
                service_square_sum_s2: 0.0,
                waiting: 500,
                running: 1,
                due: Vec::new(),
                delay_micros_per_s: 27_778,
                margin_micros: 0,
                patience_s: 3_600.0,
            }],
        };
        Autoscaler::new(Settings::default()).unwrap().look(&seen)
    }

    #[test]
    fn only_a_leader_that_has_decided_tells_how_many_there_should_be() {
        let stats = Arc::new(SchedulerStats::default());
        let metrics = Metrics::new("test", "1").unwrap();
        gauges(&metrics, &stats);
        assert!(!metrics.render().contains("levqor_desired_workers"));
        *stats.autoscaler.lock() = Some(decision());
        let text = metrics.render();
        for line in [
            "levqor_desired_workers 10",
            "levqor_autoscaler_arrivals_per_second{priority=\"normal\"} 2",
            "levqor_autoscaler_service_seconds{priority=\"normal\"} 5",
            "levqor_autoscaler_reason{reason=\"maximum\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
    }
}
