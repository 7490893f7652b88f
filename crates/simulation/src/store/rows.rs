//! Rows of the tables that runs have to do with, as `migration/sql` has them.

use std::rc::Rc;

use serde_json::Value;

use crate::{
    Micros,
    ids::{RunId, Token, Who, Wish},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Running,
    Waiting,
}

#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) document: usize,
    pub(crate) input: Rc<Value>,
    pub(crate) state: State,
    pub(crate) ready: bool,
    pub(crate) epoch: i32,
    pub(crate) seq: i32,
    pub(crate) inbox: i32,
    pub(crate) deaths: i16,
    pub(crate) worker: Option<Who>,
    pub(crate) token: Option<Token>,
    /// Epoch of the last park.
    pub(crate) parked: Option<i32>,
    pub(crate) created_at: Micros,
}

#[derive(Clone, Debug)]
pub(crate) struct Journal {
    pub(crate) epoch: i32,
    pub(crate) body: Rc<[u8]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InboxKind {
    Timer,
    Event,
    Cancel,
}

#[derive(Clone, Debug)]
pub(crate) struct InboxRow {
    pub(crate) n: i32,
    pub(crate) kind: InboxKind,
    pub(crate) body: Rc<Value>,
    pub(crate) at: Micros,
}

/// Run, epoch, seq and ordinal of a row's origin.
pub(crate) type Origin = (RunId, i32, i32, i32);

#[derive(Clone, Debug)]
pub(crate) struct Timer {
    pub(crate) due: Micros,
    pub(crate) body: Rc<Value>,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) event_type: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndState {
    Completed,
    Faulted,
    Cancelled,
}

#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) epoch: i32,
    pub(crate) state: EndState,
    pub(crate) output: Option<Rc<[u8]>>,
    pub(crate) journal: Rc<[u8]>,
}

/// A callback to send.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    pub(crate) state: EndState,
    pub(crate) due: Micros,
    pub(crate) attempts: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Worker {
    pub(crate) alive: bool,
    pub(crate) beats: i64,
    pub(crate) beat_at: Micros,
}

#[derive(Clone, Debug)]
pub(crate) struct Leader {
    pub(crate) term: i64,
    pub(crate) holder: Option<Who>,
    pub(crate) expires_at: Micros,
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) run: RunId,
    /// Whose request it stands for.
    pub(crate) wish: Wish,
}
