//! A counterexample as people read it.

use std::fmt::Write;

use stateright::Path;

use crate::{action::Action, state::State};

/// One line for each step: what happened, to which statement, and what the rows of the runs were then.
pub fn text(path: Path<State, Action>) -> String {
    let steps = path.into_vec();
    let mut text = String::new();
    for (number, pair) in steps.windows(2).enumerate() {
        let [(before, Some(action)), (after, _)] = pair else {
            continue;
        };
        let _infallible = writeln!(
            text,
            "{:>3}. {}{}",
            number + 1,
            step(before, *action),
            rows(before, after)
        );
    }
    text
}

fn step(state: &State, action: Action) -> String {
    let (verb, at) = match action {
        Action::Begin(at) => ("snapshot of", at),
        Action::Commit(at) => ("locks and commit of", at),
        Action::Read(at) => ("second statement of", at),
        Action::Lose(at) => ("no answer, repeated:", at),
        Action::Die(at) => ("never commits:", at),
        Action::Fetch(worker, at) => {
            let (run, epoch) = state.hints[at];
            return format!("worker {worker} fetches the hint for run {run} at epoch {epoch}");
        }
        other => return format!("{other:?}"),
    };
    let statement = &state.statements[at];
    let (method, op, client) = (statement.op.method(), &statement.op, statement.client);
    format!("{verb} {method} for {client:?}: {op:?}")
}

/// The rows that changed.
fn rows(before: &State, after: &State) -> String {
    let mut text = String::new();
    for (number, (old, new)) in before.runs.iter().zip(&after.runs).enumerate() {
        if old.live == new.live {
            continue;
        }
        let _infallible = match &new.live {
            None => write!(text, "\n       run {number}: {:?}", new.ended.last()),
            Some(live) => write!(
                text,
                "\n       run {number}: {:?} ready={} epoch={} seq={} inbox={} worker={:?}",
                live.state, live.ready, live.epoch, live.seq, live.inbox, live.worker
            ),
        };
    }
    text
}
