//! Gauges of the whole installation, told by the leader only, so that sums over processes do not double.

use std::{collections::BTreeMap, sync::Arc};

use levqor_scheduler::{FleetFigures, SchedulerStats};
use levqor_store::{Fleet, Waiting};
use levqor_telemetry::Metrics;
use opentelemetry::KeyValue;

use super::number;

/// Most workflows that have series of their own: those with the most live runs.
const WORKFLOWS: usize = 100;

/// A gauge's name, its HELP line and how it is read.
type Row = (&'static str, &'static str, fn(&FleetFigures) -> Option<f64>);

const FIGURES: [Row; 4] = [
    (
        "levqor_queue_hints",
        "Hints that wait in the queue; left out when it does not answer. From the leader.",
        |figures| Some(number(i64::try_from(figures.hints?).unwrap_or(i64::MAX))),
    ),
    (
        "levqor_fleet_workers",
        "Workers alive. From the leader.",
        |figures| Some(super::gauge(figures.workers)),
    ),
    (
        "levqor_fleet_slots",
        "Runs that all workers can hold. From the leader.",
        |figures| Some(number(figures.slots)),
    ),
    (
        "levqor_fleet_slots_busy",
        "Runs that all workers hold, by their last beats. From the leader.",
        |figures| Some(number(figures.busy)),
    ),
];

/// Two gauges' names, what waits there, and how it is read.
type Pair = (&'static str, &'static str, &'static str, fn(&Fleet) -> Waiting);

const WAITING: [Pair; 6] = [
    (
        "levqor_queue_depth",
        "levqor_queue_oldest_seconds",
        "Runs that a worker may claim",
        |fleet| fleet.backlog,
    ),
    (
        "levqor_timers_overdue",
        "levqor_timers_overdue_seconds",
        "Timers that are due and have not fired",
        |fleet| fleet.timers,
    ),
    (
        "levqor_ticks_overdue",
        "levqor_ticks_overdue_seconds",
        "Schedules whose tick is due and has not started",
        |fleet| fleet.ticks,
    ),
    (
        "levqor_outbox_messages",
        "levqor_outbox_oldest_seconds",
        "Callbacks and emitted events to be sent",
        |fleet| fleet.outbox,
    ),
    (
        "levqor_mails_queued",
        "levqor_mails_oldest_seconds",
        "Mails to be sent",
        |fleet| fleet.mails,
    ),
    (
        "levqor_usage_rows",
        "levqor_usage_oldest_seconds",
        "Rows of what ended runs and sent mails used that are not booked",
        |fleet| fleet.usage,
    ),
];

/// Reads what the leader saw last.
pub(super) fn gauges(metrics: &Metrics, stats: &Arc<SchedulerStats>) {
    for (name, help, read) in FIGURES {
        let stats = stats.clone();
        metrics.gauge(name, help, move || stats.fleet.lock().as_ref().and_then(read));
    }
    for (count, oldest, what, read) in WAITING {
        let counted = stats.clone();
        metrics.gauge(count, &format!("{what}. From the leader."), move || {
            let figures = counted.fleet.lock();
            Some(number(read(&figures.as_ref()?.fleet).count))
        });
        let aged = stats.clone();
        let help =
            format!("{what}: age of the oldest that was not tried yet, 0 without one. From the leader.");
        metrics.gauge(oldest, &help, move || {
            let figures = aged.fleet.lock();
            let figures = figures.as_ref()?;
            let oldest = read(&figures.fleet).oldest;
            Some(oldest.map_or(0.0, |oldest| figures.at.since(oldest).as_secs_f64()))
        });
    }
    let stats = stats.clone();
    metrics.gauges(
        "levqor_runs",
        "Live runs by workflow (the hundred with the most, then other) and state. From the leader.",
        move || stats.fleet.lock().as_ref().map(runs).unwrap_or_default(),
    );
}

/// Live runs by workflow and state, with few workflows.
fn runs(figures: &FleetFigures) -> Vec<(Vec<KeyValue>, f64)> {
    let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
    for runs in &figures.fleet.runs {
        *sizes.entry(&runs.workflow).or_default() += runs.count;
    }
    let mut largest: Vec<_> = sizes.into_iter().collect();
    largest.sort_by_key(|(_, count)| -count);
    largest.truncate(WORKFLOWS);
    let mut told: BTreeMap<(&str, &'static str), i64> = BTreeMap::new();
    for runs in &figures.fleet.runs {
        let named = largest.iter().any(|(name, _)| *name == runs.workflow);
        let workflow = if named { runs.workflow.as_str() } else { "other" };
        *told.entry((workflow, runs.state.as_str())).or_default() += runs.count;
    }
    told.into_iter()
        .map(|((workflow, state), count)| {
            let labels = vec![
                KeyValue::new("workflow", workflow.to_owned()),
                KeyValue::new("state", state),
            ];
            (labels, number(count))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use levqor_store::{LiveRuns, RunState, Timestamp};

    use super::*;

    fn figures() -> FleetFigures {
        let runs = (0..150).map(|n| LiveRuns {
            workflow: format!("shop/w{n:03}"),
            state: RunState::Waiting,
            count: 1_000 - n,
        });
        FleetFigures {
            at: Timestamp(60_000_000),
            fleet: Fleet {
                runs: runs.collect(),
                outbox: Waiting {
                    count: 3,
                    oldest: Some(Timestamp(15_000_000)),
                },
                ..Fleet::default()
            },
            hints: None,
            workers: 2,
            slots: 16,
            busy: 5,
        }
    }

    #[test]
    fn only_a_leader_tells_of_the_fleet_and_the_small_workflows_are_told_together() {
        let stats = Arc::new(SchedulerStats::default());
        let metrics = Metrics::new("test", "1").unwrap();
        gauges(&metrics, &stats);
        assert!(!metrics.render().contains("levqor_fleet_workers"));
        *stats.fleet.lock() = Some(figures());
        let text = metrics.render();
        for line in [
            "levqor_fleet_workers 2",
            "levqor_outbox_messages 3",
            "levqor_outbox_oldest_seconds 45",
            "levqor_queue_oldest_seconds 0",
            "levqor_runs{state=\"waiting\",workflow=\"shop/w000\"} 1000",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert!(
            text.contains("workflow=\"other\"") && !text.contains("shop/w100"),
            "{text}"
        );
        assert!(!text.contains("levqor_queue_hints "), "{text}");
    }
}
