//! Every run ends, once, and as its document has it.

use std::collections::BTreeMap;

use super::{Bug, Verdict};
use crate::history::{History, Kind, Notice, Run, State};

/// Looks at every run there is.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "every run ends once, its end never changes, and who asked for it is told of it";
    let mut verdict = Verdict::new("ended", promise);
    let mut seen: BTreeMap<&str, &Run> = BTreeMap::new();
    for run in &history.runs {
        verdict.look();
        one(run, &mut verdict);
        if seen.insert(&run.id, run).is_some() {
            verdict.found(Bug::DoubleEnd, &run.id, "listed twice".to_owned());
        }
    }
    sightings(history, &seen, &mut verdict);
    notices(history, &seen, &mut verdict);
    verdict
}

fn one(run: &Run, verdict: &mut Verdict) {
    let may_be_cancelled = matches!(run.kind, Kind::Cancel | Kind::Race);
    match run.state {
        State::Completed if run.kind != Kind::Cancel => verdict.count("completed", 1),
        State::Cancelled if may_be_cancelled => verdict.count("cancelled", 1),
        State::Completed => {
            let what = "completed though only a cancel ends it in time".to_owned();
            verdict.found(Bug::UnendedRun, &run.id, what);
        }
        State::Cancelled => {
            let what = "cancelled though nobody asked for it".to_owned();
            verdict.found(Bug::UnexpectedFault, &run.id, what);
        }
        State::Faulted => {
            let what = format!("{} faulted: {:?}", run.workflow, run.error);
            verdict.found(Bug::UnexpectedFault, &run.id, what);
        }
        live => {
            let what = format!("{} is still {live:?} after {} claims", run.workflow, run.attempts);
            verdict.found(Bug::UnendedRun, &run.id, what);
        }
    }
    if run.state.ended() != run.ended_at.is_some() {
        let what = format!("{:?}, ended at {:?}", run.state, run.ended_at);
        verdict.found(Bug::UnendedRun, &run.id, what);
    }
}

/// What was once seen ended stays so.
fn sightings(history: &History, runs: &BTreeMap<&str, &Run>, verdict: &mut Verdict) {
    for seen in &history.sightings {
        verdict.count("ends seen before", 1);
        let Some(run) = runs.get(seen.run.as_str()) else {
            continue;
        };
        if (seen.state, seen.ended_at) != (run.state, run.ended_at) {
            let what = format!(
                "seen {:?} at {:?}, later {:?} at {:?}",
                seen.state, seen.ended_at, run.state, run.ended_at
            );
            verdict.found(Bug::DoubleEnd, &run.id, what);
        }
    }
}

/// A callback tells of one end under one id, on every try.
fn notices(history: &History, runs: &BTreeMap<&str, &Run>, verdict: &mut Verdict) {
    let mut told: BTreeMap<&str, &Notice> = BTreeMap::new();
    for notice in &history.notices {
        let first = *told.entry(&notice.run).or_insert(notice);
        if first.id != notice.id || first.state != notice.state {
            let what = format!(
                "called back as {} {} and as {} {}",
                first.id, first.state, notice.id, notice.state
            );
            verdict.found(Bug::DoubleEnd, &notice.run, what);
        }
    }
    for (run, start) in history.accepted().iter().filter(|(_, start)| start.callback) {
        verdict.count("callbacks", 1);
        let Some(shown) = runs.get(run) else { continue };
        match told.get(run) {
            None => verdict.found(Bug::LostCallback, run, format!("none came for {}", start.key)),
            Some(notice) if State::named(&notice.state) != Some(shown.state) => {
                let what = format!("called back as {}, it is {:?}", notice.state, shown.state);
                verdict.found(Bug::DoubleEnd, run, what);
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};
    use crate::history::Sighting;

    #[test]
    fn a_run_that_has_not_ended_is_found() {
        let mut history = good();
        (history.runs[0].state, history.runs[0].ended_at) = (State::Waiting, None);
        assert!(check(&history).bugs().contains(&Bug::UnendedRun));
    }

    #[test]
    fn a_double_end_is_found_by_an_end_that_changes() {
        let mut history = good();
        let run = &history.runs[0];
        history.sightings.push(Sighting {
            run: run.id.clone(),
            at: 1,
            state: run.state,
            ended_at: run.ended_at.map(|at| at - 5),
        });
        assert_eq!(check(&history).bugs(), [Bug::DoubleEnd]);
    }

    #[test]
    fn a_double_end_is_found_by_two_callbacks_that_differ() {
        let mut history = good();
        let mut second = history.notices[0].clone();
        second.id.push('2');
        history.notices.push(second);
        assert_eq!(check(&history).bugs(), [Bug::DoubleEnd]);
    }

    #[test]
    fn a_double_end_is_found_by_a_run_listed_twice() {
        let mut history = good();
        history.runs.push(history.runs[0].clone());
        assert_eq!(check(&history).bugs(), [Bug::DoubleEnd]);
    }

    #[test]
    fn a_lost_callback_is_found() {
        let mut history = good();
        history.notices.clear();
        assert_eq!(check(&history).bugs(), [Bug::LostCallback]);
    }

    #[test]
    fn a_fault_that_is_not_the_documents_is_found() {
        let mut history = good();
        history.runs[0].state = State::Faulted;
        assert!(check(&history).bugs().contains(&Bug::UnexpectedFault));
    }
}
