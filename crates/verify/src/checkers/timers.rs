//! No timer goes off early: by the store's clock always, by ours when no clock was moved meanwhile. A run's start is when it
//! was claimed: it may have been due by a store's clock that was set back since.

use super::{Bug, Verdict};
use crate::history::{History, Kind, Run, Sighting, Start};

/// Microseconds of a millisecond.
const MILLI: i64 = 1_000;

/// Looks at every wait and every start at a given time.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "no wait ends and no run starts before its time";
    let mut verdict = Verdict::new("timers", promise);
    let runs = history.by_id();
    let mut first_seen = std::collections::BTreeMap::new();
    for seen in history.sightings.iter().rev() {
        first_seen.insert(seen.run.as_str(), seen);
    }
    for (id, start) in history.accepted() {
        let Some(run) = runs.get(id) else { continue };
        match start.kind {
            Kind::Wait | Kind::Race => {
                by_the_store(history, start, run, &mut verdict);
                if let Some(seen) = first_seen.get(id) {
                    by_our_clock(history, start, seen, &mut verdict);
                }
            }
            Kind::Later => later(history, start, run, first_seen.get(id).copied(), &mut verdict),
            _ => {}
        }
    }
    verdict
}

/// How long the run was to wait, in microseconds.
fn wanted(start: &Start) -> Option<i64> {
    Some(start.input.get("milliseconds")?.as_i64()? * MILLI)
}

fn by_the_store(history: &History, start: &Start, run: &Run, verdict: &mut Verdict) {
    let steps = history.journals.get(&run.id).map_or(&[][..], Vec::as_slice);
    let waits = steps
        .iter()
        .filter(|step| step.task == "wait" && step.state == "completed");
    for step in waits {
        let (Some(from), Some(to), Some(wanted)) = (step.started_at, step.ended_at, wanted(start)) else {
            continue;
        };
        verdict.look();
        let late = to - from - wanted;
        if late < 0 {
            let what = format!("a wait of {wanted} us took {} us", to - from);
            verdict.found(Bug::EarlyTimer, &run.id, what);
        }
        verdict.most("latest by ms", u64::try_from(late / MILLI).unwrap_or(0));
    }
}

/// From before the request was sent to after the end was seen: at least as long as the wait.
fn by_our_clock(history: &History, start: &Start, seen: &Sighting, verdict: &mut Verdict) {
    let (Some(sent), Some(wanted)) = (start.answers.first().map(|answer| answer.sent), wanted(start)) else {
        return;
    };
    if seen.state != crate::history::State::Completed || history.clock_moved(sent, seen.at) {
        return;
    }
    verdict.count("also by our clock", 1);
    let took = i64::try_from(seen.at.saturating_sub(sent)).unwrap_or(i64::MAX);
    if took < wanted {
        let what = format!("a wait of {wanted} us was over {took} us after it was asked for");
        verdict.found(Bug::EarlyTimer, &seen.run, what);
    }
}

fn later(history: &History, start: &Start, run: &Run, seen: Option<&Sighting>, verdict: &mut Verdict) {
    let (Some(wanted), Some(started)) = (start.run_at, run.started_at) else {
        return;
    };
    verdict.look();
    let sent = start.answers.first().map_or(0, |answer| answer.sent);
    let moved = history.clock_moved(sent, seen.map_or(u64::MAX, |seen| seen.at));
    if started < wanted && moved {
        verdict.count("begun early while a clock was moved", 1);
    } else if started < wanted {
        let what = format!("to be started at {wanted}, started at {started}");
        verdict.found(Bug::EarlyTimer, &run.id, what);
    }
    verdict.most(
        "latest by ms",
        u64::try_from((started - wanted) / MILLI).unwrap_or(0),
    );
}

#[cfg(test)]
mod tests {
    use super::{
        super::fixture::{LATER, WAIT, good},
        *,
    };
    use crate::history::{FaultPlayed, Outcome};

    fn clock_forward(begin: u64, end: u64) -> FaultPlayed {
        FaultPlayed {
            kind: "clock-forward".to_owned(),
            fault: "clock-forward".to_owned(),
            begin,
            end,
            outcome: Outcome::Played,
            reason: None,
            moves_clock: true,
        }
    }

    #[test]
    fn an_early_timer_is_found_by_the_stores_clock() {
        let mut history = good();
        let step = &mut history.journals.get_mut(WAIT).unwrap()[0];
        step.ended_at = step.ended_at.map(|at| at - 600_000);
        assert_eq!(check(&history).bugs(), [Bug::EarlyTimer]);
    }

    #[test]
    fn an_early_timer_is_found_by_our_clock() {
        let mut history = good();
        let seen = history
            .sightings
            .iter_mut()
            .find(|seen| seen.run == WAIT)
            .unwrap();
        seen.at = 1_000;
        assert_eq!(check(&history).bugs(), [Bug::EarlyTimer]);
        history.faults.push(clock_forward(0, 2_000));
        assert_eq!(check(&history).bugs(), []);
    }

    #[test]
    fn a_run_that_starts_before_its_time_is_found() {
        let mut history = good();
        let run = history.runs.iter_mut().find(|run| run.id == LATER).unwrap();
        run.started_at = run.run_at.map(|at| at - 1);
        assert_eq!(check(&history).bugs(), [Bug::EarlyTimer]);
        history.faults.push(clock_forward(0, 2_000));
        let verdict = check(&history);
        assert_eq!(verdict.bugs(), []);
        assert_eq!(verdict.figures["begun early while a clock was moved"], 1);
    }
}
