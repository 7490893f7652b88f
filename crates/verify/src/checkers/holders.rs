//! A claim has one holder. Seen from outside: under one epoch of a run one call follows the other, in the order of the
//! steps, and each try of a step is called once. There is one exception: a worker that cannot beat stops what it does before
//! its lease ends, and when it can again and nobody has taken its runs, it makes the same call again under the same claim.
//! The first call is over by then, and something had kept the worker from beating.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bug, Verdict, overlaps::overlapping};
use crate::history::{Call, History};

/// How long after a fault a worker may still come into doubt, in microseconds: the lease of the processes here, four
/// seconds, and a beat. A call begins only when the worker has beaten less than a lease ago, by its own clock; one that
/// begins later than this was begun after a beat that no fault touched.
const AFTER: u64 = 5_000_000;

/// Looks at every claim that made calls.
pub(super) fn check(history: &History) -> Verdict {
    let promise =
        "a claim has one holder: its calls come one after the other, again only after a worker's doubt";
    let mut verdict = Verdict::new("holders", promise);
    let mut claims: BTreeMap<(&str, i64), Vec<&Call>> = BTreeMap::new();
    for call in &history.calls {
        claims.entry((&call.run, call.epoch)).or_default().push(call);
    }
    for ((run, epoch), calls) in &claims {
        verdict.look();
        again(history, (run, *epoch), calls, &mut verdict);
        order((run, *epoch), calls, &mut verdict);
        for (a, b) in overlapping(calls) {
            let what = format!("epoch {epoch} had {} and {} under way at once", told(a), told(b));
            verdict.found(Bug::TwoHolders, run, what);
        }
    }
    verdict
}

/// Tries that were made more than once.
fn again(history: &History, (run, epoch): (&str, i64), calls: &[&Call], verdict: &mut Verdict) {
    let mut tries: BTreeMap<(&str, u32), &Call> = BTreeMap::new();
    for call in calls {
        let Some(first) = tries.insert((&call.key, call.attempt), call) else {
            continue;
        };
        let disturbed = !history.undisturbed(first.begin.saturating_sub(AFTER), call.begin);
        if disturbed {
            verdict.count("made again by the same claim", 1);
        } else {
            let what = format!(
                "epoch {epoch} made try {} of {} twice, and nothing disturbed it: {}, {}",
                call.attempt,
                call.key,
                told(first),
                told(call)
            );
            verdict.found(Bug::TwoHolders, run, what);
        }
    }
}

/// Steps of a claim come in the document's order, whatever disturbs it.
fn order((run, epoch): (&str, i64), calls: &[&Call], verdict: &mut Verdict) {
    let mut seen = BTreeSet::new();
    for call in calls {
        let now = (call.step, call.attempt);
        if seen.last().is_some_and(|last| now < *last) {
            let what = format!("epoch {epoch} called step {now:?} after step {:?}", seen.last());
            verdict.found(Bug::TwoHolders, run, what);
        }
        seen.insert(now);
    }
}

fn told(call: &Call) -> String {
    let Call {
        token,
        begin,
        end,
        status,
        ..
    } = call;
    format!("{token} ({begin} to {end}, {status:?})")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Standing, fixture::good},
        *,
    };
    use crate::history::{FaultPlayed, Outcome};

    fn made_again() -> History {
        let mut history = good();
        let mut again = history.calls[2].clone();
        (again.begin, again.end) = (again.end + 1, again.end + 2);
        history.calls.push(again);
        history
    }

    fn pause(begin: u64, end: u64) -> FaultPlayed {
        FaultPlayed {
            kind: "pause-worker".to_owned(),
            fault: "pause-worker".to_owned(),
            begin,
            end,
            outcome: Outcome::Played,
            reason: None,
            moves_clock: false,
        }
    }

    #[test]
    fn two_holders_are_found_by_a_try_made_twice_while_nothing_disturbs() {
        let mut history = made_again();
        assert_eq!(check(&history).bugs(), [Bug::TwoHolders]);
        history.faults.push(pause(60_000_000, 61_000_000));
        assert_eq!(check(&history).bugs(), [Bug::TwoHolders]);
    }

    #[test]
    fn a_worker_in_doubt_of_its_lease_may_make_a_call_again_but_not_two_at_once() {
        let mut history = made_again();
        history.faults.push(pause(0, 1_000));
        let verdict = check(&history);
        assert_eq!(verdict.standing, Standing::Held, "{verdict:#?}");
        assert_eq!(verdict.figures["made again by the same claim"], 1);
        history.calls[3].begin = history.calls[2].begin + 1;
        assert_eq!(check(&history).bugs(), [Bug::TwoHolders]);
    }

    #[test]
    fn two_holders_are_found_by_calls_of_one_claim_that_overlap() {
        let mut history = good();
        history.calls[1].begin = history.calls[0].begin;
        assert_eq!(check(&history).bugs(), [Bug::TwoHolders]);
    }

    #[test]
    fn two_holders_are_found_by_a_step_after_a_later_one() {
        let mut history = good();
        let mut back = history.calls[0].clone();
        let last = history.calls[2].end;
        (back.attempt, back.begin, back.end) = (2, last + 1, last + 2);
        history.calls.push(back);
        assert_eq!(check(&history).bugs(), [Bug::TwoHolders]);
    }
}
