//! A key stands for one run: what was accepted is there, what is there was asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bug, Verdict};
use crate::history::{Answered, Fate, History, Kind, Run, Start};

/// Looks at every request and every run that is no tick.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "every accepted run is there once, and no other; one idempotency key is one run";
    let mut verdict = Verdict::new("accepted", promise);
    let runs = history.by_id();
    let mut of_run: BTreeMap<&str, &str> = BTreeMap::new();
    for start in &history.starts {
        answers(start, &mut verdict);
        clash(start, &mut verdict);
        for run in start.runs().collect::<BTreeSet<_>>() {
            verdict.look();
            if !runs.contains_key(run) {
                let what = format!("accepted under key {} and not among the runs", start.key);
                verdict.found(Bug::LostRun, run, what);
            }
            if let Some(other) = of_run.insert(run, &start.key).filter(|other| *other != start.key) {
                let what = format!("answered to the keys {other} and {}", start.key);
                verdict.found(Bug::DoubleStart, run, what);
            }
        }
    }
    explained(history, &of_run, &mut verdict);
    verdict
}

/// The sendings of one request against each other.
fn answers(start: &Start, verdict: &mut Verdict) {
    let runs: BTreeSet<&str> = start.runs().collect();
    if runs.len() > 1 {
        verdict.found(
            Bug::DoubleStart,
            &start.key,
            format!("one key, the runs {runs:?}"),
        );
    }
    let fresh = |answer: &&Answered| matches!(answer.fate, Fate::Accepted { replayed: false, .. });
    if start.answers.iter().filter(fresh).count() > 1 {
        let what = "two answers say that they started the run".to_owned();
        verdict.found(Bug::DoubleStart, &start.key, what);
    }
    verdict.count("sendings", start.answers.len() as u64);
    for answer in &start.answers {
        match &answer.fate {
            Fate::Conflict { code, .. } => {
                let what = format!("the same request again was answered with 409 {code}");
                verdict.found(Bug::WrongConflict, &start.key, what);
            }
            Fate::Rejected { status, problem } => {
                let what = format!("{status} {problem}");
                verdict.found(Bug::WrongRefusal, &start.key, what);
            }
            Fate::Refused { .. } => verdict.count("refused for the moment", 1),
            Fate::Unknown { .. } => verdict.count("unknown answers", 1),
            Fate::Accepted { replayed: true, .. } => verdict.count("repeats recognised", 1),
            Fate::Accepted { .. } | Fate::Done => {}
        }
    }
}

/// Another request under the key must be told apart, and name the first one's run.
fn clash(start: &Start, verdict: &mut Verdict) {
    let Some(clash) = &start.clash else { return };
    match &clash.fate {
        Fate::Conflict { code, run, .. } if code == "idempotency_conflict" => {
            verdict.count("conflicts told", 1);
            if run.as_deref().is_some_and(|run| start.run() != Some(run)) {
                let what = format!("the conflict names the run {run:?}, which the key does not stand for");
                verdict.found(Bug::WrongConflict, &start.key, what);
            }
        }
        Fate::Accepted { run, .. } => {
            let what = format!("another request under the same key was accepted as {run}");
            verdict.found(Bug::WrongConflict, &start.key, what);
        }
        Fate::Conflict { .. } | Fate::Rejected { .. } => {
            let what = format!("another request under the same key was answered {:?}", clash.fate);
            verdict.found(Bug::WrongConflict, &start.key, what);
        }
        _ => {}
    }
}

/// Runs that no answer named must be of a request whose outcome nobody told, one at most of each.
fn explained(history: &History, of_run: &BTreeMap<&str, &str>, verdict: &mut Verdict) {
    let asked: BTreeMap<&str, &Start> = history
        .starts
        .iter()
        .map(|start| (start.key.as_str(), start))
        .collect();
    let mut started: BTreeMap<&str, &Run> = BTreeMap::new();
    for run in history.runs.iter().filter(|run| run.kind != Kind::Tick) {
        let key = of_run.get(run.id.as_str()).copied().or(run.op.as_deref());
        let Some(start) = key.and_then(|key| asked.get(key)) else {
            verdict.found(
                Bug::MadeUpRun,
                &run.id,
                format!("of {}, for {key:?}", run.workflow),
            );
            continue;
        };
        if run.op.as_ref().is_some_and(|op| *op != start.key) {
            let what = format!("accepted under {}, its input is that of {:?}", start.key, run.op);
            verdict.found(Bug::MadeUpRun, &run.id, what);
        }
        if !start.is_open() {
            verdict.found(
                Bug::MadeUpRun,
                &run.id,
                format!("{} was never accepted", start.key),
            );
        }
        if let Some(other) = started.insert(&start.key, run).filter(|other| other.id != run.id) {
            let what = format!("the key {} has the run {} too", start.key, other.id);
            verdict.found(Bug::DoubleStart, &run.id, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Standing, fixture::good},
        *,
    };

    #[test]
    fn a_lost_run_is_found() {
        let mut history = good();
        let gone = history.runs.remove(0).id;
        let verdict = check(&history);
        assert_eq!(verdict.bugs(), [Bug::LostRun]);
        assert_eq!(verdict.counterexamples[0].subject, gone);
    }

    #[test]
    fn a_run_that_nobody_asked_for_is_found() {
        let mut history = good();
        let mut run = history.runs[0].clone();
        (run.id, run.op) = ("other".to_owned(), Some("nobody's key".to_owned()));
        history.runs.push(run);
        assert_eq!(check(&history).bugs(), [Bug::MadeUpRun]);
    }

    #[test]
    fn a_second_run_of_one_key_is_found_though_no_answer_names_it() {
        let mut history = good();
        let mut run = history.runs[0].clone();
        run.id = "other".to_owned();
        history.runs.push(run);
        assert_eq!(check(&history).bugs(), [Bug::DoubleStart]);
    }

    #[test]
    fn two_runs_answered_to_one_key_are_found() {
        let mut history = good();
        let mut again = history.starts[0].answers[0].clone();
        let other = history.starts[1].run().unwrap().to_owned();
        again.fate = Fate::Accepted {
            run: other,
            replayed: true,
        };
        history.starts[0].answers.push(again);
        assert!(check(&history).bugs().contains(&Bug::DoubleStart));
    }

    #[test]
    fn another_request_under_the_same_key_must_not_be_accepted() {
        let mut history = good();
        let start = &mut history.starts[0];
        start.clash = Some(start.answers[0].clone());
        assert_eq!(check(&history).bugs(), [Bug::WrongConflict]);
    }

    #[test]
    fn a_request_whose_outcome_nobody_told_may_have_started_one_run() {
        let mut history = good();
        let unknown = Fate::Unknown {
            what: "timed out".to_owned(),
        };
        history.starts[0].answers[0].fate = unknown;
        assert_eq!(check(&history).standing, Standing::Held);
        let refused = Fate::Refused { status: 429 };
        history.starts[0].answers[0].fate = refused;
        assert_eq!(check(&history).bugs(), [Bug::MadeUpRun]);
    }
}
