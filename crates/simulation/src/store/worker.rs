//! What workers write: each statement begins with the live row, under its fence (P3).

use std::rc::Rc;

use super::{
    Append, ClaimRequest, ClaimedRun, End, Fact, InboxRow, Op, Park, Reply, Request, State, Store,
    locks::Lockable,
    op::of_run,
    rows::{Ended, Journal, Live, Outbox},
    table::Snapshot,
};
use crate::{
    Bug,
    ids::{RunId, Who},
};

impl Store {
    /// Rows that the snapshot shows as they have to be, in order of their ids.
    pub(super) fn plan_fenced(&self, request: &Request, snapshot: Snapshot) -> Vec<Lockable> {
        let mut runs: Vec<RunId> = match request {
            Request::Claim { wanted, .. } => wanted.iter().map(|one| one.run).collect(),
            Request::Append(all) => all.iter().map(|one| one.run).collect(),
            Request::Park(all) => all.iter().map(|one| one.run).collect(),
            Request::End(all) => all.iter().map(|one| one.run).collect(),
            Request::Release(all) => all.iter().map(|one| one.0).collect(),
            _ => Vec::new(),
        };
        runs.sort_unstable();
        runs.dedup();
        runs.retain(|run| {
            self.live
                .at(snapshot, *run)
                .is_some_and(|row| self.fenced(request, *run, row))
        });
        runs.into_iter().map(Lockable::Live).collect()
    }

    /// The condition of the statement that `op` runs.
    pub(super) fn holds(&self, op: &Op, run: RunId, row: &Live) -> bool {
        match &*op.request {
            Request::Rescue { .. } => {
                let seen = self.live.at(op.snapshot, run).map(|row| row.epoch);
                row.state == State::Running && seen == Some(row.epoch)
            }
            Request::Deliver { .. } | Request::Ingest { .. } | Request::FireTimers { .. } => true,
            request => self.fenced(request, run, row),
        }
    }

    fn fenced(&self, request: &Request, run: RunId, row: &Live) -> bool {
        let running = row.state == State::Running || self.bug == Some(Bug::EpochWithoutState);
        let owned = |epoch: i32, seq: i32| running && (row.epoch, row.seq) == (epoch, seq);
        match request {
            Request::Claim { wanted, .. } => wanted
                .iter()
                .find(|one| one.run == run)
                .is_some_and(|one| self.claimable(row, one)),
            Request::Append(all) => all
                .iter()
                .find(|one| one.run == run)
                .is_some_and(|one| owned(one.epoch, one.seq)),
            Request::Park(all) => all.iter().find(|one| one.run == run).is_some_and(|one| {
                let moved = row.inbox != one.inbox && self.bug != Some(Bug::ParkWithoutCompare);
                owned(one.epoch, one.seq) && !moved
            }),
            Request::End(all) => all
                .iter()
                .find(|one| one.run == run)
                .is_some_and(|one| owned(one.epoch, one.seq) && row.inbox == one.inbox),
            Request::Release(all) => {
                let free = row.state == State::Running || row.state == State::Pending && row.ready;
                free && all.contains(&(run, row.epoch))
            }
            _ => false,
        }
    }

    /// A repeat with the same token wins again.
    fn claimable(&self, row: &Live, wish: &ClaimRequest) -> bool {
        let ready = row.ready || self.bug == Some(Bug::ClaimWithoutReady);
        let fresh = row.state == State::Pending && ready && row.epoch == wish.epoch;
        let again =
            row.state == State::Running && row.epoch == wish.epoch + 1 && row.token == Some(wish.token);
        fresh || again
    }

    pub(super) fn claim(&mut self, op: &Op, worker: Who, wanted: &[ClaimRequest]) -> Vec<Fact> {
        let mut facts = Vec::new();
        for wish in wanted.iter().filter(|wish| op.keeps(Lockable::Live(wish.run))) {
            let Some(row) = self.live.latest(wish.run) else {
                continue;
            };
            let mut row = (**row).clone();
            if row.state == State::Pending {
                row.epoch += 1;
            }
            row.state = State::Running;
            row.token = Some(wish.token);
            row.worker = Some(worker);
            let (run, epoch) = (wish.run, row.epoch);
            self.live.put(self.committed, run, Some(row));
            facts.push(Fact::Claimed { run, epoch, worker });
        }
        facts
    }

    /// P6: journal and inbox in a second statement, counted against the row that the first returned.
    pub(super) fn claimed(&self, op: &Op, wanted: &[ClaimRequest]) -> Reply {
        let won = wanted.iter().filter(|wish| op.keeps(Lockable::Live(wish.run)));
        Reply::Claimed(won.filter_map(|wish| self.whole(op, wish)).collect())
    }

    fn whole(&self, op: &Op, wish: &ClaimRequest) -> Option<ClaimedRun> {
        // As the claim returned it: the version it wrote.
        let row = self.live.at(op.committed, wish.run)?;
        let journal: Vec<Rc<[u8]>> = self.rows(wish.run).map(|row| Rc::clone(&row.body)).collect();
        let inbox = self.inbox_of(Snapshot::MAX, wish.run, 0);
        let gapless = inbox.iter().zip(1..).all(|(row, n)| row.n == n);
        let count = |n: i32| usize::try_from(n).unwrap_or(usize::MAX);
        let whole = journal.len() == count(row.seq) && inbox.len() >= count(row.inbox) && gapless;
        whole.then(|| ClaimedRun {
            id: wish.run,
            document: row.document,
            input: Rc::clone(&row.input),
            epoch: row.epoch,
            seq: row.seq,
            deaths: row.deaths,
            journal,
            inbox,
            created_at: row.created_at,
            now: op.now,
        })
    }

    fn rows(&self, run: RunId) -> impl Iterator<Item = &Rc<Journal>> {
        let of_run = (run, i32::MIN)..=(run, i32::MAX);
        self.journal.range(Snapshot::MAX, of_run).map(|(_, row)| row)
    }

    /// Inbox rows after `n`.
    pub(super) fn inbox_of(&self, snapshot: Snapshot, run: RunId, n: i32) -> Vec<InboxRow> {
        let after = (run, n + 1)..=(run, i32::MAX);
        self.inbox
            .range(snapshot, after)
            .map(|(_, row)| (**row).clone())
            .collect()
    }

    pub(super) fn append(&mut self, op: &Op, appends: &[Append]) -> Vec<Fact> {
        let mut facts = Vec::new();
        for one in appends.iter().filter(|one| op.keeps(Lockable::Live(one.run))) {
            let seq = one.seq + 1;
            if self.bug == Some(Bug::UnlockedFence) && self.journal.latest((one.run, seq)).is_some() {
                // The primary key of the journal is all that is left of the fence.
                continue;
            }
            if let Some(row) = self.live.latest(one.run) {
                let mut row = (**row).clone();
                (row.seq, row.deaths) = (seq, 0);
                self.live.put(self.committed, one.run, Some(row));
            }
            facts.push(self.journal(one.run, one.epoch, seq, &one.body));
        }
        facts
    }

    fn journal(&mut self, run: RunId, epoch: i32, seq: i32, body: &Rc<[u8]>) -> Fact {
        let body = Rc::clone(body);
        let row = Journal {
            epoch,
            body: Rc::clone(&body),
        };
        self.journal.put(self.committed, (run, seq), Some(row));
        Fact::Appended {
            run,
            epoch,
            seq,
            body,
        }
    }

    pub(super) fn park(&mut self, op: &Op, parks: &[Park]) -> Vec<Fact> {
        let mut facts = Vec::new();
        for one in parks.iter().filter(|one| op.keeps(Lockable::Live(one.run))) {
            let Some(row) = self.live.latest(one.run) else {
                continue;
            };
            let mut row = (**row).clone();
            let (run, epoch, inbox) = (one.run, row.epoch, row.inbox);
            (row.state, row.ready) = (State::Waiting, false);
            (row.worker, row.token, row.parked) = (None, None, Some(epoch));
            if one.body.is_some() {
                (row.seq, row.deaths) = (one.seq + 1, 0);
            }
            self.live.put(self.committed, run, Some(row));
            if let Some(body) = &one.body {
                facts.push(self.journal(run, epoch, one.seq + 1, body));
            }
            self.forget_waits(op.snapshot, run);
            self.arm(one);
            facts.push(Fact::Parked { run, epoch, inbox });
        }
        facts
    }

    fn arm(&mut self, park: &Park) {
        let origin = |ord: i32| (park.run, park.epoch, park.seq + 1, ord);
        for (ord, timer) in (0..).zip(&park.timers) {
            self.timers.put(self.committed, origin(ord), Some(timer.clone()));
        }
        if let Some(row) = park.subscription.clone() {
            self.subscriptions.put(self.committed, origin(0), Some(row));
        }
    }

    /// Deletes the timers and subscriptions that the statement's snapshot shows.
    fn forget_waits(&mut self, snapshot: Snapshot, run: RunId) {
        let timers: Vec<_> = self
            .timers
            .range(snapshot, of_run(run))
            .map(|(key, _)| key)
            .collect();
        for key in timers {
            self.timers.put(self.committed, key, None);
        }
        let open: Vec<_> = self
            .subscriptions
            .range(snapshot, of_run(run))
            .map(|(key, _)| key)
            .collect();
        for key in open {
            self.subscriptions.put(self.committed, key, None);
        }
    }

    pub(super) fn end(&mut self, op: &Op, ends: &[End]) -> Vec<Fact> {
        let mut facts = Vec::new();
        for one in ends.iter().filter(|one| op.keeps(Lockable::Live(one.run))) {
            let Some(row) = self.live.latest(one.run).cloned() else {
                continue;
            };
            let (run, epoch) = (one.run, row.epoch);
            self.live.put(self.committed, run, None);
            self.forget_rows(op.snapshot, run);
            self.forget_waits(op.snapshot, run);
            let ended = Ended {
                epoch,
                state: one.state,
                output: one.output.clone(),
                journal: Rc::clone(&one.journal),
            };
            self.ended.put(self.committed, run, Some(ended));
            let callback = Outbox {
                state: one.state,
                due: op.now,
                attempts: 0,
            };
            self.outbox
                .put(self.committed, (run, epoch, row.seq + 1, 0), Some(callback));
            facts.push(Fact::Ended {
                run,
                epoch,
                state: one.state,
                inbox: row.inbox,
                output: one.output.clone(),
                journal: Rc::clone(&one.journal),
            });
            facts.push(Fact::Noted { run, epoch });
        }
        facts
    }

    /// Deletes the journal and inbox rows that the statement's snapshot shows.
    fn forget_rows(&mut self, snapshot: Snapshot, run: RunId) {
        let of_run = (run, i32::MIN)..=(run, i32::MAX);
        let rows: Vec<_> = self
            .journal
            .range(snapshot, of_run.clone())
            .map(|(key, _)| key)
            .collect();
        for key in rows {
            self.journal.put(self.committed, key, None);
        }
        let rows: Vec<_> = self.inbox.range(snapshot, of_run).map(|(key, _)| key).collect();
        for key in rows {
            self.inbox.put(self.committed, key, None);
        }
    }

    /// Released, or rescued from a dead worker.
    pub(super) fn free(&mut self, op: &Op) -> Vec<Fact> {
        let rescued = matches!(*op.request, Request::Rescue { .. });
        let mut facts = Vec::new();
        for kept in &op.kept {
            let Lockable::Live(run) = *kept else { continue };
            let Some(row) = self.live.latest(run) else {
                continue;
            };
            let mut row = (**row).clone();
            (row.state, row.worker, row.token) = (State::Pending, None, None);
            row.deaths += i16::from(rescued);
            let epoch = row.epoch;
            self.live.put(self.committed, run, Some(row));
            facts.push(Fact::Freed { run, epoch });
        }
        facts
    }
}
