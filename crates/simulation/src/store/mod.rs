//! The store as READ COMMITTED makes it: each operation is one transaction that reads its snapshot, locks rows one by one,
//! looks at the latest version of a row it had to wait for, commits, and reads again in a new snapshot to answer.
//!
//! An operation is advanced in small steps by the scheduler of the simulation, so that all others come in between.

mod api;
mod fates;
mod inbox;
mod intake;
mod locks;
mod op;
mod read;
mod rows;
mod scheduler;
mod show;
mod table;
mod worker;

use std::collections::BTreeMap;

pub(crate) use self::{
    api::*,
    op::{Fact, Op, Progress},
    rows::{EndState, InboxKind, InboxRow, Origin, State, Subscription, Timer},
};
use self::{
    locks::Locks,
    rows::{Ended, Journal, Key, Leader, Live, Outbox, Worker},
    table::{Snapshot, Table},
};
use crate::{
    Bug, Micros,
    ids::{OpId, RunId, Token, Who, Wish},
    times::EPOCH,
};

pub(crate) struct Store {
    pub(crate) live: Table<RunId, Live>,
    journal: Table<(RunId, i32), Journal>,
    inbox: Table<(RunId, i32), InboxRow>,
    timers: Table<Origin, Timer>,
    subscriptions: Table<Origin, Subscription>,
    pub(crate) ended: Table<RunId, Ended>,
    pub(crate) outbox: Table<Origin, Outbox>,
    batches: Table<Token, Micros>,
    keys: Table<Wish, Key>,
    events: Table<u32, ()>,
    workers: Table<Who, Worker>,
    leader: Table<(), Leader>,
    locks: Locks,
    /// Operations under way.
    pub(crate) ops: BTreeMap<OpId, Op>,
    committed: Snapshot,
    /// What the store's wall clock is ahead of the true time.
    pub(crate) ahead: Micros,
    bug: Option<Bug>,
}

impl Store {
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        let mut leader = Table::new();
        let nobody = Leader {
            term: 0,
            holder: None,
            expires_at: 0,
        };
        leader.put(0, (), Some(nobody));
        Self {
            live: Table::new(),
            journal: Table::new(),
            inbox: Table::new(),
            timers: Table::new(),
            subscriptions: Table::new(),
            ended: Table::new(),
            outbox: Table::new(),
            batches: Table::new(),
            keys: Table::new(),
            events: Table::new(),
            workers: Table::new(),
            leader,
            locks: Locks::default(),
            ops: BTreeMap::new(),
            committed: 0,
            ahead: 0,
            bug,
        }
    }

    /// The store's clock.
    pub(crate) fn wall(&self, now: Micros) -> Micros {
        EPOCH + now + self.ahead
    }

    /// Whether a run waits for an event, as committed: what a caller who knows the run would see.
    pub(crate) fn listens(&self, run: RunId) -> bool {
        self.subscriptions
            .range(Snapshot::MAX, op::of_run(run))
            .next()
            .is_some()
    }

    /// No run is live, and nobody is still to be told of an end.
    pub(crate) fn is_quiet(&self) -> bool {
        let all = Snapshot::MAX;
        self.live.scan(all).next().is_none() && self.outbox.scan(all).next().is_none()
    }
}
