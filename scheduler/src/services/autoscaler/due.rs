//! What is known to become ready: timers and ticks of schedules.

use std::{collections::BTreeMap, time::Duration};

use levqor_autoscaler::Due;
use levqor_queue::PRIORITIES;
use levqor_store::{DueSchedule, StoreError, Timestamp};
use levqor_workflow::{model::Schedule, schedule};

use super::classes::{count, place};
use crate::context::Context;

/// Most ticks of one schedule that are looked at.
const TICKS: usize = 200;

/// Runs of ticks have this priority.
const TICKED: i64 = 1;

/// Runs by the second in which they become ready, for each priority.
type Seconds = [BTreeMap<u32, u32>; PRIORITIES];

/// What becomes ready within `horizon_s` seconds, for each priority; what is overdue does so now.
pub(super) async fn ahead(
    context: &Context,
    now: Timestamp,
    horizon_s: f64,
) -> Result<[Vec<Due>; PRIORITIES], StoreError> {
    let db = &context.platform.db;
    let until = now.after(Duration::from_secs_f64(horizon_s));
    let mut seconds = Seconds::default();
    for timers in db.due_timers(now, until).await? {
        add(&mut seconds, timers.priority, timers.in_s, count(timers.runs));
    }
    for scheduled in db.due_soon(until).await? {
        for tick in ticks(&scheduled, until) {
            add(&mut seconds, TICKED, (tick.0 - now.0) / 1_000_000, 1);
        }
    }
    let list = |runs: BTreeMap<u32, u32>| {
        let due = |(second, runs)| Due {
            in_s: f64::from(second),
            runs,
        };
        runs.into_iter().map(due).collect()
    };
    Ok(seconds.map(list))
}

fn add(seconds: &mut Seconds, priority: i64, in_s: i64, runs: u32) {
    let second = u32::try_from(in_s).unwrap_or(0);
    let sum = seconds[place(priority)].entry(second).or_default();
    *sum = sum.saturating_add(runs);
}

/// Ticks up to then. A schedule that cannot be read has none: that it cannot is told by who starts its runs.
fn ticks(scheduled: &DueSchedule, until: Timestamp) -> Vec<Timestamp> {
    let Ok(spec) = serde_json::from_str::<Schedule>(&scheduled.spec) else {
        return Vec::new();
    };
    let next = |at: &Timestamp| schedule::next(&spec, at.0).map(Timestamp);
    std::iter::successors(Some(scheduled.next_due), next)
        .take_while(|at| *at <= until)
        .take(TICKS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tick_up_to_the_horizon_is_foreseen() {
        let scheduled = |spec: &str| DueSchedule {
            next_due: Timestamp(120_000_000),
            spec: spec.to_owned(),
        };
        let minutely = ticks(&scheduled(r#"{"cron":"* * * * *"}"#), Timestamp(240_000_000));
        let expected: Vec<_> = [120, 180, 240].map(|s| Timestamp(s * 1_000_000)).into();
        assert_eq!(minutely, expected);
        assert!(ticks(&scheduled("nonsense"), Timestamp(240_000_000)).is_empty());
    }
}
