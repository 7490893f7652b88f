//! Deliveries, events and timers: into the inbox, and a wake by id alone (P4, P7).

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use serde_json::Value;

use super::{
    Delivery, DeliveryFate, Fact, InboxKind, InboxRow, Op, Ready, Reply, Request, State, Store,
    locks::Lockable,
    rows::{Origin, Timer},
    table::Snapshot,
};
use crate::{
    documents::EVENT_TYPE,
    ids::{RunId, Token},
};

/// Most timers fired by one statement.
const BATCH: usize = 1_000;

type Mail = (RunId, InboxKind, Rc<Value>);

impl Store {
    /// The token or event first, then the addressees that the snapshot shows, in order of their ids.
    pub(super) fn plan_mail(&self, op: &Op) -> Vec<Lockable> {
        let (first, runs): (_, BTreeSet<RunId>) = match &*op.request {
            Request::Deliver { token, deliveries } => {
                let there = |run: &RunId| self.live.at(op.snapshot, *run).is_some();
                let runs = deliveries.iter().map(|delivery| delivery.run);
                (Some(Lockable::Batch(*token)), runs.filter(there).collect())
            }
            Request::Ingest { event, .. } => (
                Some(Lockable::Event(*event)),
                self.subscribed(op.snapshot).collect(),
            ),
            _ => (
                None,
                self.due_timers(op).iter().map(|(origin, _)| origin.0).collect(),
            ),
        };
        first
            .into_iter()
            .chain(runs.into_iter().map(Lockable::Live))
            .collect()
    }

    fn subscribed(&self, snapshot: Snapshot) -> impl Iterator<Item = RunId> {
        let ours = |kind: &Option<String>| kind.as_deref().is_none_or(|kind| kind == EVENT_TYPE);
        let rows = self.subscriptions.scan(snapshot);
        rows.filter(move |(_, row)| ours(&row.event_type))
            .map(|(origin, _)| origin.0)
    }

    fn due_timers(&self, op: &Op) -> Vec<(Origin, Rc<Timer>)> {
        let rows = self
            .timers
            .scan(op.snapshot)
            .filter(|(_, timer)| timer.due <= op.now);
        let mut due: Vec<_> = rows.map(|(origin, timer)| (origin, Rc::clone(timer))).collect();
        due.sort_by_key(|(origin, timer)| (timer.due, *origin));
        due.truncate(BATCH);
        due
    }

    pub(super) fn deliver(&mut self, op: &Op, token: Token, deliveries: &[Delivery]) -> Vec<Fact> {
        self.batches.put(self.committed, token, Some(op.now));
        let mail = deliveries
            .iter()
            .map(|one| (one.run, one.kind, Rc::clone(&one.body)));
        self.wake(op, mail.collect())
    }

    pub(super) fn ingest(&mut self, op: &Op, event: u32, body: &Rc<Value>) -> Vec<Fact> {
        self.events.put(self.committed, event, Some(()));
        let runs: BTreeSet<RunId> = self.subscribed(op.snapshot).collect();
        let mail = runs
            .into_iter()
            .map(|run| (run, InboxKind::Event, Rc::clone(body)));
        self.wake(op, mail.collect())
    }

    /// Timers of runs that are gone go too.
    pub(super) fn fire(&mut self, op: &Op) -> Vec<Fact> {
        let due = self.due_timers(op);
        let mail = due
            .iter()
            .map(|(origin, timer)| (origin.0, InboxKind::Timer, Rc::clone(&timer.body)));
        let mut facts = self.wake(op, mail.collect());
        for (origin, timer) in due {
            self.timers.put(self.committed, origin, None);
            facts.push(Fact::Fired {
                run: origin.0,
                due: timer.due,
                now: op.now,
            });
        }
        facts
    }

    fn wake(&mut self, op: &Op, mail: Vec<Mail>) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut groups: BTreeMap<RunId, Vec<Mail>> = BTreeMap::new();
        for one in mail {
            groups.entry(one.0).or_default().push(one);
        }
        for (run, group) in groups {
            let Some(row) = self.live.latest(run).filter(|_| op.keeps(Lockable::Live(run))) else {
                continue;
            };
            let mut row = (**row).clone();
            for (_, kind, body) in group {
                row.inbox += 1;
                let (n, at) = (row.inbox, op.now);
                self.inbox
                    .put(self.committed, (run, n), Some(InboxRow { n, kind, body, at }));
                facts.push(Fact::Delivered { run, n, kind });
            }
            row.ready |= row.state != State::Running;
            if row.state == State::Waiting {
                row.state = State::Pending;
            }
            self.live.put(self.committed, run, Some(row));
        }
        facts
    }

    /// Runs that the statement left pending and ready, to be rung for: as of its commit in the product; a hint that is
    /// older is as good.
    pub(super) fn rung(&self, op: &Op) -> Vec<Ready> {
        let ring = |row: &Lockable| match row {
            Lockable::Live(run) => self.ring(*run).map(|epoch| (*run, epoch)),
            _ => None,
        };
        op.kept.iter().filter_map(ring).collect()
    }

    pub(super) fn ring(&self, run: RunId) -> Option<i32> {
        let row = self.live.latest(run)?;
        (row.state == State::Pending && row.ready).then_some(row.epoch)
    }

    pub(super) fn ingested(op: &Op, hints: &[Ready]) -> Reply {
        let woken = op.kept.iter().filter(|row| matches!(row, Lockable::Live(_)));
        Reply::Ingested {
            matched: woken.count(),
            hints: hints.to_vec(),
        }
    }

    /// A batch committed before is answered by where its addressees are now.
    pub(super) fn delivery_fates(&self, op: &Op, deliveries: &[Delivery]) -> Reply {
        let fate = |one: &Delivery| {
            let there = if op.refused {
                self.live.latest(one.run).is_some()
            } else {
                op.keeps(Lockable::Live(one.run))
            };
            if !there {
                return DeliveryFate::NotLive;
            }
            DeliveryFate::Delivered {
                hint: self.ring(one.run),
            }
        };
        Reply::Deliver(deliveries.iter().map(fate).collect())
    }
}
