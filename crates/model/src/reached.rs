//! What must be reached, so that the promises are not kept by a world in which nothing happens.

use stateright::Property;

use crate::{
    bounds::Bounds,
    protocol::Protocol,
    state::{State, Worker},
    tables::{Kind, RunState},
};

fn ended(state: &State, end: RunState) -> bool {
    let mut ends = state.runs.iter().flat_map(|run| &run.ended);
    ends.any(|ended| ended.state == end)
}

fn called_anew(state: &State) -> bool {
    let mut calls = state.requests.iter().flat_map(|request| &request.calls);
    calls.any(|called| called.newest > 1)
}

fn overlaps(state: &State) -> bool {
    let mut calls = state.workers.iter().filter_map(Worker::calling);
    calls
        .next()
        .zip(calls.next())
        .is_some_and(|(one, other)| (one.0, one.1) == (other.0, other.1))
}

fn waits(state: &State) -> bool {
    let mut live = state.runs.iter().filter_map(|run| run.live.as_ref());
    live.any(|live| live.state == RunState::Waiting)
}

/// What these bounds let happen.
pub(crate) fn properties(bounds: &Bounds) -> Vec<Property<Protocol>> {
    let mut reached = vec![Property::sometimes("a run completes", |_, state| {
        ended(state, RunState::Completed)
    })];
    let has = |kind| bounds.messages.iter().any(|(_, sent)| *sent == kind);
    if has(Kind::Cancel) {
        reached.push(Property::sometimes("a run is cancelled", |_, state| {
            ended(state, RunState::Cancelled)
        }));
    }
    if has(Kind::Event) {
        reached.push(Property::sometimes("a run waits", |_, state| waits(state)));
    }
    if bounds.faults.stops > 0 {
        reached.push(Property::sometimes("a later holder calls", |_, state| {
            called_anew(state)
        }));
        reached.push(Property::sometimes("two holders call at once", |_, state| {
            overlaps(state)
        }));
    }
    reached
}
