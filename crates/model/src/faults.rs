//! What may happen as well, for as long as the bounds allow.

use crate::{
    action::Action,
    state::{Doing, State, indices},
    statement::{Client, Op},
};

/// Hints of one run and epoch that the queue may hold at once.
const HINTS: usize = 2;

/// Faults that are left, and what a healthy party may do or not do.
pub(crate) fn add(state: &State, actions: &mut Vec<Action>) {
    let left = &state.faults;
    for (at, statement) in state.statements.iter().enumerate() {
        let nobody = statement.client == Client::Nobody;
        if nobody && !matches!(statement.op, Op::Release { .. }) {
            actions.push(Action::Die(at));
        } else if left.unknown > 0 && repeats(state, statement.client) {
            actions.push(Action::Lose(at));
        }
    }
    for index in indices(&state.workers) {
        worker_faults(state, index, actions);
    }
    if left.jumps > 0 {
        actions.push(Action::JumpClock);
    }
    queue_faults(state, actions);
}

/// A paused worker repeats nothing; the leader does not repeat, it makes another pass.
fn repeats(state: &State, client: Client) -> bool {
    match client {
        Client::Api => true,
        Client::Worker(worker) => state.workers[usize::from(worker)].acts(),
        Client::Leader | Client::Nobody => false,
    }
}

fn worker_faults(state: &State, index: u8, actions: &mut Vec<Action>) {
    let worker = &state.workers[usize::from(index)];
    // What becomes of a worker without a run makes no difference to any run.
    if !worker.acts() || worker.knows().is_none() {
        return;
    }
    if state.faults.stops > 0 {
        actions.push(Action::Crash(index));
        actions.push(Action::Pause(index));
    }
    let Some(hold) = worker.hold() else { return };
    if state.faults.drains > 0 && !matches!(hold.doing, Doing::Writing(_)) {
        actions.push(Action::Drain(index));
    }
    let calling = matches!(hold.doing, Doing::Calling(_));
    if calling && state.run(hold.run).inbox.len() > hold.inbox.len() {
        actions.push(Action::Look(index));
    }
}

fn queue_faults(state: &State, actions: &mut Vec<Action>) {
    let left = &state.faults;
    for (at, hint) in state.hints.iter().enumerate() {
        if at > 0 && state.hints[at - 1] == *hint {
            continue;
        }
        if left.lost > 0 {
            actions.push(Action::LoseHint(at));
        }
        let count = state.hints.iter().filter(|other| *other == hint).count();
        if left.doubled > 0 && count < HINTS {
            actions.push(Action::DoubleHint(at));
        }
    }
    for run in indices(&state.runs) {
        if left.stray > 0 && state.run(run).live.is_some() {
            actions.push(Action::StrayHint(run));
        }
    }
}
