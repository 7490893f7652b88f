//! One run in a worker, and where it stands.

use std::{collections::BTreeMap, rc::Rc};

use levqor_engine::{Action, Call, CallResult, Entry, Machine};

use crate::{Micros, ids::RunId, outside::CallId, store::EndState};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskId(pub(crate) u64);

pub(super) struct Task {
    pub(super) run: RunId,
    pub(super) epoch: i32,
    pub(super) machine: Machine,
    pub(super) seq: i32,
    /// Bodies of the committed rows.
    pub(super) packed: Vec<Rc<[u8]>>,
    /// Folded, not committed.
    pub(super) entries: Vec<Entry>,
    /// `n` of the last inbox row folded.
    pub(super) folded: i32,
    pub(super) at: At,
    pub(super) calling_since: Option<Micros>,
    /// The watch found newer inbox rows.
    pub(super) moved: bool,
    /// The watch found that the run is not ours.
    pub(super) gone: bool,
    /// Appends nobody waits for (a planted bug), by ticket.
    pub(super) loose: BTreeMap<u64, Rc<[u8]>>,
}

/// What its worker awaits.
pub(super) enum At {
    /// Nothing: it is being moved on.
    Between,
    Appending(Rc<[u8]>, Box<Call>),
    AwaitingLease(Box<Call>),
    Calling(Running),
    /// The same, while the inbox is read.
    Looking(Running),
    Stopping(Running, Why),
    Parking,
    Ending,
    /// It cannot go on; what its inbox says no longer matters.
    EndingFaulted,
    /// Appends that nobody waited for are waited for after all.
    Settling(Action),
}

/// A call under way.
pub(super) struct Running {
    pub(super) id: CallId,
    pub(super) call: Box<Call>,
    /// On the store's clock as this process knows it.
    pub(super) started: Micros,
    /// On the monotonic clock.
    pub(super) deadline: Option<Micros>,
    pub(super) done: Option<CallResult>,
}

/// Why a call is stopped, and so what follows.
pub(super) enum Why {
    Deadline,
    Gone,
    Hurry,
    Doubt,
    Other(Box<Action>),
}

/// How this worker's part in a run was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Parked,
    Ended(EndState),
    Released,
    Fenced,
}
