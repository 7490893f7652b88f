//! What others ask of the store: the operations of `crates/store/src/api`, under their names.

use std::rc::Rc;

use serde_json::Value;

use super::rows::{EndState, InboxKind, InboxRow, Origin, Subscription, Timer};
use crate::{
    Micros,
    ids::{RunId, Token, Who, Wish},
};

#[derive(Clone, Debug)]
pub(crate) struct NewRun {
    pub(crate) id: RunId,
    pub(crate) document: usize,
    pub(crate) input: Rc<Value>,
    pub(crate) run_at: Option<Micros>,
    /// Whose request it is.
    pub(crate) wish: Wish,
    /// Whether the request carries an idempotency key.
    pub(crate) keyed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntakeFate {
    Accepted { ready: bool },
    Existing { run: RunId },
}

#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) run: RunId,
    pub(crate) kind: InboxKind,
    pub(crate) body: Rc<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryFate {
    Delivered { hint: Option<i32> },
    NotLive,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimRequest {
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
    pub(crate) token: Token,
}

#[derive(Clone, Debug)]
pub(crate) struct ClaimedRun {
    pub(crate) id: RunId,
    pub(crate) document: usize,
    pub(crate) input: Rc<Value>,
    pub(crate) epoch: i32,
    pub(crate) seq: i32,
    pub(crate) deaths: i16,
    pub(crate) journal: Vec<Rc<[u8]>>,
    pub(crate) inbox: Vec<InboxRow>,
    pub(crate) created_at: Micros,
    pub(crate) now: Micros,
}

#[derive(Clone, Debug)]
pub(crate) struct Append {
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
    pub(crate) seq: i32,
    pub(crate) body: Rc<[u8]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Park {
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
    pub(crate) seq: i32,
    pub(crate) body: Option<Rc<[u8]>>,
    pub(crate) inbox: i32,
    pub(crate) timers: Vec<Timer>,
    pub(crate) subscription: Option<Subscription>,
}

#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) run: RunId,
    pub(crate) epoch: i32,
    pub(crate) seq: i32,
    pub(crate) inbox: i32,
    pub(crate) state: EndState,
    pub(crate) output: Option<Rc<[u8]>>,
    pub(crate) journal: Rc<[u8]>,
}

#[derive(Clone, Debug)]
pub(crate) enum WriteFate {
    Committed,
    InboxMoved(Vec<InboxRow>),
    Fenced,
}

/// A run to ring for, with the epoch of the hint.
pub(crate) type Ready = (RunId, i32);

/// A living worker, its counter and the time of its last beat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beat {
    pub(crate) worker: Who,
    pub(crate) beats: i64,
    pub(crate) last: Micros,
}

#[derive(Clone, Debug)]
pub(crate) enum Request {
    Intake { token: Token, runs: Vec<NewRun> },
    Deliver { token: Token, deliveries: Vec<Delivery> },
    Ingest { event: u32, body: Rc<Value> },
    Claim { worker: Who, wanted: Vec<ClaimRequest> },
    Append(Vec<Append>),
    Park(Vec<Park>),
    End(Vec<End>),
    Release(Vec<(RunId, i32)>),
    InboxCounts(Vec<(RunId, i32)>),
    InboxAfter(RunId, i32),
    Register(Who),
    Beat(Who),
    Retire(Who),
    Owned(Who),
    Lead(Who),
    FireTimers { term: i64 },
    NextTimer,
    Ready { floor: Option<RunId> },
    Beats,
    Bury { term: i64, worker: Who, beats: i64 },
    Rescue { term: i64 },
    LeaseOutbox { term: i64 },
    DeleteOutbox(Vec<Origin>),
}

impl Request {
    /// The term a write of the scheduler is bound to (P9).
    pub(crate) fn term(&self) -> Option<i64> {
        match self {
            Self::FireTimers { term }
            | Self::Bury { term, .. }
            | Self::Rescue { term }
            | Self::LeaseOutbox { term } => Some(*term),
            _ => None,
        }
    }

    pub(crate) fn is_read(&self) -> bool {
        matches!(
            self,
            Self::InboxCounts(_)
                | Self::InboxAfter(..)
                | Self::Owned(_)
                | Self::NextTimer
                | Self::Ready { .. }
                | Self::Beats
        )
    }

    /// Whether it comes again and again by itself, so that a trace need not show it.
    pub(crate) fn is_routine(&self) -> bool {
        matches!(
            self,
            Self::Beat(_)
                | Self::Lead(_)
                | Self::NextTimer
                | Self::Ready { .. }
                | Self::Beats
                | Self::InboxCounts(_)
                | Self::Owned(_)
                | Self::LeaseOutbox { .. }
                | Self::Rescue { .. }
        )
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Intake(Vec<IntakeFate>),
    Deliver(Vec<DeliveryFate>),
    Ingested {
        matched: usize,
        hints: Vec<Ready>,
    },
    Claimed(Vec<ClaimedRun>),
    Fates(Vec<WriteFate>),
    /// Released, or owned, or inbox counters.
    Pairs(Vec<(RunId, i32)>),
    Inbox(Vec<InboxRow>),
    /// Of a beat or a burial: whether it was so.
    Done(bool),
    Term(Option<i64>),
    Ready(Vec<Ready>, Micros),
    NextTimer(Option<Micros>, Micros),
    Beats(Vec<Beat>, Micros),
    Outbox(Vec<(Origin, EndState)>),
    NotLeader,
}
