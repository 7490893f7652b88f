//! Terms, beats, burials, rescues, the outbox (P9, P10, P13).

use super::{
    EndState, Fact, Op, Origin, Reply, Request, State, Store,
    locks::Lockable,
    rows::{Leader, Outbox, Worker},
    table::Snapshot,
};
use crate::{
    ids::{RunId, Who},
    times::{LEADER_LEASE, OUTBOX_LEASE},
};

impl Store {
    /// P10: running rows whose worker is not alive, as one snapshot shows both.
    pub(super) fn lost(&self, snapshot: Snapshot) -> Vec<RunId> {
        let alive = |worker: Who| self.workers.at(snapshot, worker).is_some_and(|row| row.alive);
        let rows = self.live.scan(snapshot);
        let lost = rows.filter(|(_, row)| row.ready && row.state == State::Running);
        lost.filter(|(_, row)| !row.worker.is_some_and(alive))
            .map(|(run, _)| run)
            .collect()
    }

    /// Only a run's oldest row is taken.
    pub(super) fn oldest_due(&self, op: &Op) -> Vec<Origin> {
        let mut last = None;
        let oldest = self
            .outbox
            .scan(op.snapshot)
            .filter(|(origin, _)| last.replace(origin.0) != Some(origin.0));
        oldest
            .filter(|(_, row)| row.due <= op.now)
            .map(|(origin, _)| origin)
            .collect()
    }

    pub(super) fn outbox_holds(&self, op: &Op, origin: Origin) -> bool {
        let leases = matches!(*op.request, Request::LeaseOutbox { .. });
        self.outbox
            .latest(origin)
            .is_some_and(|row| !leases || row.due <= op.now)
    }

    pub(super) fn worker_holds(&self, request: &Request, worker: Who) -> bool {
        let row = self.workers.latest(worker);
        match request {
            Request::Register(_) => row.is_none(),
            Request::Beat(_) => row.is_some_and(|row| row.alive),
            Request::Bury { beats, .. } => row.is_some_and(|row| row.alive && row.beats == *beats),
            _ => row.is_some(),
        }
    }

    pub(super) fn keep_house(&mut self, op: &Op) -> Vec<Fact> {
        let mut facts = Vec::new();
        for kept in &op.kept {
            match *kept {
                Lockable::Worker(worker) => facts.extend(self.write_worker(op, worker)),
                Lockable::Outbox(origin) => self.write_outbox(op, origin),
                Lockable::Leader => facts.extend(self.write_leader(op)),
                _ => {}
            }
        }
        facts
    }

    fn write_worker(&mut self, op: &Op, worker: Who) -> Option<Fact> {
        let old = self.workers.latest(worker).map(|row| (**row).clone());
        let mut row = old.unwrap_or(Worker {
            alive: true,
            beats: 0,
            beat_at: op.now,
        });
        let fact = match &*op.request {
            Request::Beat(_) => {
                row.beats += 1;
                row.beat_at = op.now;
                Some(Fact::Beaten(worker))
            }
            Request::Register(_) => Some(Fact::Beaten(worker)),
            request => {
                row.alive = false;
                matches!(request, Request::Bury { .. }).then_some(Fact::Buried(worker))
            }
        };
        self.workers.put(self.committed, worker, Some(row));
        fact
    }

    fn write_outbox(&mut self, op: &Op, origin: Origin) {
        let lease = |row: &Outbox| Outbox {
            due: op.now + (OUTBOX_LEASE << row.attempts.min(9)),
            attempts: row.attempts + 1,
            ..row.clone()
        };
        let leases = matches!(*op.request, Request::LeaseOutbox { .. });
        let row = self
            .outbox
            .latest(origin)
            .filter(|_| leases)
            .map(|row| lease(row));
        self.outbox.put(self.committed, origin, row);
    }

    fn write_leader(&mut self, op: &Op) -> Option<Fact> {
        let Request::Lead(holder) = *op.request else {
            return None;
        };
        let row = self.leader.latest(())?;
        let term = if row.holder == Some(holder) {
            row.term
        } else {
            row.term + 1
        };
        let row = Leader {
            term,
            holder: Some(holder),
            expires_at: op.now + LEADER_LEASE,
        };
        self.leader.put(self.committed, (), Some(row));
        Some(Fact::Led(term))
    }

    pub(super) fn other_answer(&self, op: &Op) -> Reply {
        match &*op.request {
            Request::Lead(_) => {
                let term = self.leader.at(op.committed, ()).map(|row| row.term);
                Reply::Term(term.filter(|_| !op.refused))
            }
            Request::Rescue { .. } => Reply::Ready(self.rung(op), op.now),
            Request::Release(_) => Reply::Pairs(self.rung(op)),
            Request::LeaseOutbox { .. } => Reply::Outbox(self.leased(op)),
            // A burial keeps the leader's row too.
            _ => Reply::Done(op.kept.iter().any(|row| *row != Lockable::Leader)),
        }
    }

    fn leased(&self, op: &Op) -> Vec<(Origin, EndState)> {
        let row = |kept: &Lockable| match *kept {
            Lockable::Outbox(origin) => Some((origin, self.outbox.at(op.committed, origin)?.state)),
            _ => None,
        };
        op.kept.iter().filter_map(row).collect()
    }
}
