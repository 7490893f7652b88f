//! No outcome is committed under a stale epoch.
//!
//! What can be known from outside: a claim reads all that earlier claims had committed. So when a call of some try of a
//! step came under epoch e, no lower epoch had committed the outcome of that try before e was claimed; and if one did later,
//! it wrote after it had lost the run. The outcome in the journal must therefore be the one given to a call of the greatest
//! epoch under which that try was called at all. Which call that was, the token in the answer tells.

use std::collections::{BTreeMap, HashMap};

use super::{Bug, Verdict};
use crate::history::{Call, History, Run, Step};

/// Looks at every committed outcome of a call.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "a committed outcome was given to the newest claim that made the call";
    let mut verdict = Verdict::new("stale-epochs", promise);
    let calls: HashMap<&str, &Call> = history
        .calls
        .iter()
        .map(|call| (call.token.as_str(), call))
        .collect();
    let newest = newest(&history.calls);
    for (run, steps) in &history.journals {
        for step in steps {
            if let Some(token) = token(step) {
                verdict.look();
                outcome(run, step, calls.get(token).copied(), &newest, &mut verdict);
            }
        }
    }
    claims(history, &mut verdict);
    verdict
}

/// The token of a completed call's output.
fn token(step: &Step) -> Option<&str> {
    if step.task != "http" || step.state != "completed" {
        return None;
    }
    step.output.as_ref()?.get("token")?.as_str()
}

/// A try of a step: key and attempt.
type Try<'a> = (&'a str, u32);

fn newest(calls: &[Call]) -> BTreeMap<Try<'_>, i64> {
    let mut newest = BTreeMap::new();
    for call in calls {
        let epoch = newest
            .entry((call.key.as_str(), call.attempt))
            .or_insert(call.epoch);
        *epoch = call.epoch.max(*epoch);
    }
    newest
}

fn outcome(
    run: &str,
    step: &Step,
    call: Option<&Call>,
    newest: &BTreeMap<Try<'_>, i64>,
    verdict: &mut Verdict,
) {
    let Some(call) = call.filter(|call| call.run == run && call.status == Some(200)) else {
        let what = format!("{} has {:?}, which was not given to it", step.path, step.output);
        verdict.found(Bug::MadeUpOutcome, run, what);
        return;
    };
    if let Some(newer) = newest
        .get(&(&call.key, call.attempt))
        .filter(|newer| **newer > call.epoch)
    {
        let what = format!(
            "{} has the outcome of epoch {}, and epoch {newer} had called for it",
            step.path, call.epoch
        );
        verdict.found(Bug::StaleEpochOutcome, run, what);
    }
}

/// The run shows how often it was claimed: no call comes from a claim beyond.
fn claims(history: &History, verdict: &mut Verdict) {
    let runs: BTreeMap<&str, &Run> = history.by_id();
    let mut repeats = BTreeMap::new();
    for call in &history.calls {
        *repeats.entry((call.key.as_str(), call.attempt)).or_insert(0_u64) += 1;
        let Some(run) = runs.get(call.run.as_str()) else {
            continue;
        };
        if call.epoch < 1 || call.epoch > run.attempts {
            let what = format!("called under epoch {} of {} claims", call.epoch, run.attempts);
            verdict.found(Bug::UnknownEpoch, &call.run, what);
        }
    }
    let again = repeats.values().map(|calls| calls - 1).sum();
    verdict.count("calls made again after a crash", again);
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};
    use crate::checkers::Standing;

    #[test]
    fn a_stale_epoch_outcome_is_found() {
        let mut history = good();
        let mut newer = history.calls[0].clone();
        (newer.epoch, newer.token) = (2, "newer".to_owned());
        history.calls.push(newer);
        let run = history.calls[0].run.clone();
        let shown = history.runs.iter_mut().find(|shown| shown.id == run).unwrap();
        shown.attempts = 2;
        assert_eq!(check(&history).bugs(), [Bug::StaleEpochOutcome]);
    }

    #[test]
    fn an_older_claim_that_called_and_committed_nothing_is_good() {
        let mut history = good();
        let run = history.calls[0].run.clone();
        let mut older = history.calls[0].clone();
        older.token = "older".to_owned();
        for call in history.calls.iter_mut().filter(|call| call.run == run) {
            call.epoch = 2;
        }
        history.calls.push(older);
        let shown = history.runs.iter_mut().find(|shown| shown.id == run).unwrap();
        shown.attempts = 2;
        let verdict = check(&history);
        assert_eq!(verdict.standing, Standing::Held, "{verdict:#?}");
        assert_eq!(verdict.figures["calls made again after a crash"], 1);
    }

    #[test]
    fn an_outcome_that_was_given_to_another_run_is_found() {
        let mut history = good();
        history.calls[0].run = "another".to_owned();
        assert_eq!(check(&history).bugs(), [Bug::MadeUpOutcome]);
    }

    #[test]
    fn a_call_from_beyond_the_runs_claims_is_found() {
        let mut history = good();
        history.calls[0].epoch = 7;
        assert_eq!(check(&history).bugs(), [Bug::UnknownEpoch]);
    }
}
