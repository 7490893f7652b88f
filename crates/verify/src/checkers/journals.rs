//! A journal has no gap, tells each step once, and never tells otherwise of what it has told.
//!
//! The API numbers steps as it shows them, so a gap of the stored rows shows as a step that must be there and is not: a
//! try without the one before it, a completed run without one of its effects.

use std::collections::BTreeMap;

use super::{Bug, Verdict};
use crate::history::{History, Kind, Run, State, Step};

/// Looks at every journal read.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "journals have no gap, tell each step once, and never change";
    let mut verdict = Verdict::new("journals", promise);
    let runs = history.by_id();
    for (run, steps) in &history.journals {
        verdict.look();
        verdict.count("steps", steps.len() as u64);
        numbers(run, steps, &mut verdict);
        tries(run, steps, &mut verdict);
        if let Some(run) = runs.get(run.as_str()).filter(|run| run.state == State::Completed) {
            effects(run, steps, &mut verdict);
        }
    }
    for reading in &history.readings {
        if let Some(last) = history.journals.get(&reading.run) {
            verdict.count("read twice", 1);
            unchanged(&reading.run, &reading.steps, last, &mut verdict);
        }
    }
    verdict
}

fn numbers(run: &str, steps: &[Step], verdict: &mut Verdict) {
    let mut paths = BTreeMap::new();
    for (expected, step) in (1_u64..).zip(steps) {
        if step.number != expected {
            let what = format!("step {} stands where {expected} should", step.number);
            verdict.found(Bug::JournalGap, run, what);
            return;
        }
        if let Some(other) = paths.insert(&step.path, step.number) {
            let what = format!("{} is step {other} and step {}", step.path, step.number);
            verdict.found(Bug::JournalGap, run, what);
        }
    }
}

/// Tries of an effect are numbered from 1, and all but the last were given up for the next.
fn tries(run: &str, steps: &[Step], verdict: &mut Verdict) {
    let mut tries: BTreeMap<String, Vec<&Step>> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.task == "http") {
        tries.entry(without_attempts(&step.path)).or_default().push(step);
    }
    for (path, tries) in tries {
        for (expected, step) in (1..).zip(&tries) {
            let is_last = tries.len() == expected as usize;
            if step.attempt != expected || (!is_last && step.state != "retried") {
                let what = format!(
                    "{path}: try {} is {} and stands at {expected} of {}",
                    step.attempt,
                    step.state,
                    tries.len()
                );
                verdict.found(Bug::JournalGap, run, what);
                return;
            }
        }
    }
}

/// A path names the attempt as `try@N`.
fn without_attempts(path: &str) -> String {
    let mut parts = path.split('/').map(|part| match part.split_once('@') {
        Some(("try", _)) => "try",
        _ => part,
    });
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + "/" + part)
}

/// A completed run has done what its document says, each effect once.
fn effects(run: &Run, steps: &[Step], verdict: &mut Verdict) {
    let expected = match run.kind {
        Kind::Noop | Kind::Later | Kind::Tick | Kind::Burst => ("activity", 1),
        Kind::Steps => ("http", 3),
        Kind::Wait | Kind::Cancel | Kind::Race => ("wait", 1),
        Kind::Listen => ("listen", 2),
    };
    let done = steps
        .iter()
        .filter(|step| step.task == expected.0 && step.state == "completed");
    let done = done.count();
    if done != expected.1 {
        let what = format!(
            "{} has completed with {done} of {} {} tasks in its journal",
            run.workflow, expected.1, expected.0
        );
        verdict.found(Bug::JournalGap, &run.id, what);
    }
}

/// What was read before is still there, at its place.
fn unchanged(run: &str, before: &[Step], after: &[Step], verdict: &mut Verdict) {
    for (at, step) in before.iter().enumerate() {
        match after.get(at) {
            Some(later) if grown(step, later) => {}
            later => {
                let what = format!("told {step:?}, then {later:?}");
                verdict.found(Bug::ChangedJournal, run, what);
                return;
            }
        }
    }
}

/// A step that was over stays as it was, but a fault may turn out to be caught.
fn grown(before: &Step, after: &Step) -> bool {
    let same = |a: &Step, b: &Step| {
        (a.number, &a.path, &a.task, a.attempt, a.started_at)
            == (b.number, &b.path, &b.task, b.attempt, b.started_at)
    };
    if !same(before, after) {
        return false;
    }
    if before.ended_at.is_none() {
        return true;
    }
    let caught = before.state == "faulted" && after.state == "retried";
    before.ended_at == after.ended_at
        && before.output == after.output
        && (before.state == after.state || caught)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::fixture::{STEPS, good},
        *,
    };
    use crate::history::Reading;

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let mut history = good();
        history.readings.clear();
        history.journals.get_mut(STEPS).unwrap()[1].number = 3;
        assert_eq!(check(&history).bugs(), [Bug::JournalGap]);
    }

    #[test]
    fn a_gap_is_found_by_an_effect_that_is_missing_from_a_completed_run() {
        let mut history = good();
        history.journals.get_mut(STEPS).unwrap().pop();
        assert_eq!(check(&history).bugs(), [Bug::JournalGap]);
    }

    #[test]
    fn a_gap_is_found_by_a_try_without_the_one_before_it() {
        let mut history = good();
        history.readings.clear();
        let step = &mut history.journals.get_mut(STEPS).unwrap()[0];
        (step.attempt, step.path) = (2, step.path.replace("try@1", "try@2"));
        assert_eq!(check(&history).bugs(), [Bug::JournalGap]);
    }

    #[test]
    fn a_changed_journal_is_found() {
        let mut history = good();
        let mut steps = history.journals[STEPS].clone();
        steps[0].output = Some(json!({"token": "another"}));
        history.readings.push(Reading {
            run: STEPS.to_owned(),
            at: 0,
            steps,
        });
        assert_eq!(check(&history).bugs(), [Bug::ChangedJournal]);
    }

    #[test]
    fn a_journal_that_has_become_shorter_is_found() {
        let mut history = good();
        let mut steps = history.journals[STEPS].clone();
        let mut more = steps[0].clone();
        (more.number, more.path) = (steps.len() as u64 + 1, "/do/3/more".to_owned());
        steps.push(more);
        history.readings.push(Reading {
            run: STEPS.to_owned(),
            at: 0,
            steps,
        });
        assert_eq!(check(&history).bugs(), [Bug::ChangedJournal]);
    }

    #[test]
    fn a_journal_that_grew_is_good() {
        let mut before = good().journals[STEPS][0].clone();
        let after = before.clone();
        (before.state, before.output, before.ended_at) = ("running".to_owned(), None, None);
        assert!(grown(&before, &after));
    }
}
