//! A claim has one holder. Seen from outside: under one epoch of a run each try of a step is called once, and one call
//! follows the other, in the order of the steps; two workers with one claim would do otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bug, Verdict, overlaps::overlapping};
use crate::history::{Call, History};

/// Looks at every claim that made calls.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "a claim has one holder: its calls come one after the other, each once";
    let mut verdict = Verdict::new("holders", promise);
    let mut claims: BTreeMap<(&str, i64), Vec<&Call>> = BTreeMap::new();
    for call in &history.calls {
        claims.entry((&call.run, call.epoch)).or_default().push(call);
    }
    for ((run, epoch), calls) in &claims {
        verdict.look();
        claim(run, *epoch, calls, &mut verdict);
    }
    verdict
}

fn claim(run: &str, epoch: i64, calls: &[&Call], verdict: &mut Verdict) {
    let mut tries = BTreeSet::new();
    let mut last = (0, 0);
    for call in calls {
        if !tries.insert((&call.key, call.attempt)) {
            let what = format!("epoch {epoch} made try {} of {} twice", call.attempt, call.key);
            verdict.found(Bug::TwoHolders, run, what);
        }
        let now = (call.step, call.attempt);
        if now < last {
            let what = format!("epoch {epoch} called step {now:?} after step {last:?}");
            verdict.found(Bug::TwoHolders, run, what);
        }
        last = now;
    }
    for (a, b) in overlapping(calls) {
        let what = format!(
            "epoch {epoch} had calls {} and {} under way at once",
            a.token, b.token
        );
        verdict.found(Bug::TwoHolders, run, what);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};

    #[test]
    fn two_holders_are_found_by_a_try_made_twice() {
        let mut history = good();
        let mut again = history.calls[2].clone();
        (again.begin, again.end) = (again.end + 1, again.end + 2);
        history.calls.push(again);
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
