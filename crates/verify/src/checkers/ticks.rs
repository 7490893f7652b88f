//! Each due time of a schedule starts one run. Ticks that could not be started for ten minutes are skipped, which is
//! documented (docs/DEPARTURES.md, catch-up): a gap counts as skipped when the next tick was started that late.

use super::{Bug, Verdict};
use crate::history::{History, Kind, Run, Schedule};

/// Ticks missed are made up for this long, in microseconds.
const CATCH_UP: i64 = 600 * 1_000_000;

/// Looks at every tick of every schedule.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "each due time of a schedule starts one run";
    let mut verdict = Verdict::new("ticks", promise);
    for schedule in &history.schedules {
        let mut ticks: Vec<&Run> = history
            .runs
            .iter()
            .filter(|run| run.kind == Kind::Tick && run.workflow == schedule.workflow)
            .collect();
        ticks.sort_by_key(|run| run.run_at);
        of_one(schedule, &ticks, &mut verdict);
    }
    verdict
}

fn of_one(schedule: &Schedule, ticks: &[&Run], verdict: &mut Verdict) {
    let mut expected = None;
    for tick in ticks {
        let Some(due) = tick.run_at else {
            verdict.found(Bug::MadeUpTick, &tick.id, "it has no due time".to_owned());
            continue;
        };
        verdict.look();
        let next = expected.unwrap_or_else(|| first(schedule, due));
        step(schedule, tick, due, next, verdict);
        expected = Some(due + schedule.period);
    }
    let next = expected.unwrap_or(schedule.since + schedule.period);
    if next < schedule.until {
        let what = format!("none was started for {next} and later, until {}", schedule.until);
        verdict.found(Bug::MissingTick, &schedule.workflow, what);
    }
}

/// The first due time. The answer that the schedule is stored comes a moment after the time from which due times are
/// counted: of a cron expression one due time may lie between, of an interval only the first tick tells.
fn first(schedule: &Schedule, due: i64) -> i64 {
    let next = schedule.since + schedule.period;
    if !schedule.anchored {
        return due.clamp(schedule.since - schedule.period + 1, next);
    }
    let next = next - next.rem_euclid(schedule.period);
    if due == next - schedule.period { due } else { next }
}

fn step(schedule: &Schedule, tick: &Run, due: i64, expected: i64, verdict: &mut Verdict) {
    if due == expected {
        return;
    }
    let subject = &schedule.workflow;
    if due == expected - schedule.period {
        let what = format!("the due time {due} started {} and another run", tick.id);
        return verdict.found(Bug::DoubledTick, subject, what);
    }
    if tick
        .started_at
        .is_some_and(|started| started - expected > CATCH_UP)
    {
        return verdict.count("skipped as older than ten minutes", 1);
    }
    if due > expected && (due - expected) % schedule.period == 0 {
        let missing = (due - expected) / schedule.period;
        let what = format!("{missing} due times from {expected} on started no run");
        return verdict.found(Bug::MissingTick, subject, what);
    }
    let what = format!("a run was started for {due}, due was {expected}");
    verdict.found(Bug::MadeUpTick, subject, what);
}

#[cfg(test)]
mod tests {
    use super::{
        super::fixture::{good, ticks},
        *,
    };

    #[test]
    fn a_doubled_tick_is_found() {
        let mut history = good();
        let mut again = ticks(&history)[1].clone();
        again.id = "again".to_owned();
        history.runs.push(again);
        assert_eq!(check(&history).bugs(), [Bug::DoubledTick]);
    }

    #[test]
    fn a_missing_tick_is_found_in_the_middle_and_at_the_end() {
        for gone in [1, 3] {
            let mut history = good();
            let id = ticks(&history)[gone].id.clone();
            history.runs.retain(|run| run.id != id);
            assert_eq!(check(&history).bugs(), [Bug::MissingTick], "tick {gone}");
        }
    }

    #[test]
    fn a_tick_between_due_times_is_found() {
        let mut history = good();
        let id = ticks(&history)[3].id.clone();
        let tick = history.runs.iter_mut().find(|run| run.id == id).unwrap();
        tick.run_at = tick.run_at.map(|at| at + 7);
        assert!(check(&history).bugs().contains(&Bug::MadeUpTick));
    }

    #[test]
    fn ticks_older_than_the_catch_up_window_may_be_missing() {
        let mut history = good();
        let id = ticks(&history)[1].id.clone();
        history.runs.retain(|run| run.id != id);
        let next = ticks(&history)[1].id.clone();
        let tick = history.runs.iter_mut().find(|run| run.id == next).unwrap();
        tick.started_at = tick.started_at.map(|at| at + CATCH_UP);
        assert_eq!(check(&history).bugs(), []);
    }
}
