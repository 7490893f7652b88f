//! A cancel that was taken ends the run as cancelled: it was committed while the run lived, and an end that has not seen it
//! does not happen (PROTOCOL.md, P8). A cancel that came too late is told how the run had ended.

use super::{Bug, Verdict};
use crate::history::{Fate, History, State};

/// Looks at every cancellation asked for.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "a cancel that was taken ends the run; one that came too late is told how it ended";
    let mut verdict = Verdict::new("cancels", promise);
    let runs = history.by_id();
    for cancel in &history.cancels {
        let Some(run) = runs.get(cancel.run.as_str()) else {
            continue;
        };
        for answer in &cancel.answers {
            match &answer.fate {
                Fate::Done => {
                    verdict.look();
                    verdict.count("taken", 1);
                    if run.state != State::Cancelled {
                        let what = format!("{}: the cancel was taken, the run is {:?}", cancel.op, run.state);
                        verdict.found(Bug::DroppedCancel, &run.id, what);
                    }
                }
                Fate::Conflict { state, .. } => {
                    verdict.look();
                    verdict.count("too late", 1);
                    if state.as_deref().and_then(State::named) != Some(run.state) {
                        let what = format!("told that it had ended {state:?}, it is {:?}", run.state);
                        verdict.found(Bug::DoubleEnd, &run.id, what);
                    }
                }
                Fate::Rejected { status, problem } => {
                    verdict.found(Bug::WrongRefusal, &run.id, format!("{status} {problem}"));
                }
                _ => {}
            }
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};

    #[test]
    fn a_dropped_cancel_is_found() {
        let mut history = good();
        let run = &history.cancels[0].run;
        let shown = history.runs.iter_mut().find(|shown| shown.id == *run).unwrap();
        shown.state = State::Completed;
        assert_eq!(check(&history).bugs(), [Bug::DroppedCancel]);
    }

    #[test]
    fn a_cancel_that_is_told_another_end_is_found() {
        let mut history = good();
        history.cancels[0].answers[0].fate = Fate::Conflict {
            code: "run_ended".to_owned(),
            run: None,
            state: Some("completed".to_owned()),
        };
        assert_eq!(check(&history).bugs(), [Bug::DoubleEnd]);
    }
}
