//! One operation from its first statement to its answer.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
};

use super::{
    EndState, InboxKind, Origin, Reply, Request, Store,
    locks::Lockable,
    rows::{Leader, Live},
    table::Snapshot,
};
use crate::{
    Bug, Micros,
    ids::{OpId, RunId, Who, Wish},
};

/// What a committed transaction did, for the checkers.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    Accepted {
        run: RunId,
        wish: Wish,
        document: usize,
        due: Option<Micros>,
        created_at: Micros,
    },
    Claimed {
        run: RunId,
        epoch: i32,
        worker: Who,
    },
    Appended {
        run: RunId,
        epoch: i32,
        seq: i32,
        body: Rc<[u8]>,
    },
    Parked {
        run: RunId,
        epoch: i32,
        inbox: i32,
    },
    Ended {
        run: RunId,
        epoch: i32,
        state: EndState,
        inbox: i32,
        output: Option<Rc<[u8]>>,
        journal: Rc<[u8]>,
    },
    Delivered {
        run: RunId,
        n: i32,
        kind: InboxKind,
    },
    /// A timer became an inbox row, by this clock.
    Fired {
        run: RunId,
        due: Micros,
        now: Micros,
    },
    /// Released or rescued.
    Freed {
        run: RunId,
        epoch: i32,
    },
    Beaten(Who),
    Buried(Who),
    Led(i64),
    /// A write of the scheduler under this term.
    UnderTerm(i64),
    /// A callback was put into the outbox.
    Noted {
        run: RunId,
        epoch: i32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begin,
    Locking,
    Committing,
    Answering(u8),
}

pub(crate) struct Op {
    pub(crate) who: Who,
    pub(crate) request: Rc<Request>,
    stage: Stage,
    pub(super) snapshot: Snapshot,
    /// The number of its transaction, once committed.
    pub(super) committed: Snapshot,
    /// The store's clock when the statement began.
    pub(super) now: Micros,
    plan: VecDeque<(Lockable, bool)>,
    pub(super) kept: Vec<Lockable>,
    /// The token was there already, or the term is over.
    pub(super) refused: bool,
    /// Runs whose write is found committed, for the answer.
    pub(super) done: BTreeSet<RunId>,
    /// Live rows as the answer's second look finds them.
    pub(super) seen: BTreeMap<RunId, Rc<Live>>,
}

pub(crate) enum Progress {
    Again,
    /// For a lock; whoever releases it says so.
    Waits,
    Committed {
        facts: Vec<Fact>,
        woken: Vec<OpId>,
    },
    Answer(Reply),
}

enum Verdict {
    Keep,
    Drop,
    Stop,
}

impl Op {
    pub(crate) fn new(who: Who, request: Rc<Request>) -> Self {
        Self {
            who,
            request,
            stage: Stage::Begin,
            snapshot: 0,
            committed: 0,
            now: 0,
            plan: VecDeque::new(),
            kept: Vec::new(),
            refused: false,
            done: BTreeSet::new(),
            seen: BTreeMap::new(),
        }
    }

    pub(crate) fn commits_next(&self) -> bool {
        self.stage == Stage::Committing
    }

    /// Whether it locked the row and the row was what it had to be.
    pub(super) fn keeps(&self, row: Lockable) -> bool {
        self.kept.contains(&row)
    }
}

impl Store {
    /// One step; none when the operation is over.
    pub(crate) fn step(&mut self, id: OpId, now: Micros) -> Option<Progress> {
        let mut op = self.ops.remove(&id)?;
        let progress = match op.stage {
            Stage::Begin => self.begin(&mut op, now),
            Stage::Locking => self.lock(id, &mut op),
            Stage::Committing => {
                self.committed += 1;
                op.committed = self.committed;
                let facts = self.apply(&op);
                op.stage = Stage::Answering(0);
                let woken = self.locks.release(id);
                Progress::Committed { facts, woken }
            }
            Stage::Answering(looks) => {
                op.stage = Stage::Answering(looks + 1);
                self.answer(&mut op, looks)
            }
        };
        self.ops.insert(id, op);
        Some(progress)
    }

    /// Rolls back; those who waited for its locks.
    pub(crate) fn abort(&mut self, id: OpId) -> Vec<OpId> {
        self.ops.remove(&id);
        self.locks.release(id)
    }

    fn begin(&self, op: &mut Op, now: Micros) -> Progress {
        op.snapshot = self.committed;
        op.now = self.wall(now);
        if op.request.is_read() {
            return Progress::Answer(self.read(op));
        }
        let plan = self.plan(op);
        op.stage = Stage::Locking;
        if self.bug == Some(Bug::UnlockedFence) && matches!(*op.request, Request::Append(_)) {
            op.kept = plan.into_iter().map(|(row, _)| row).collect();
        } else {
            op.plan = plan.into();
        }
        Progress::Again
    }

    fn lock(&mut self, id: OpId, op: &mut Op) -> Progress {
        if let Some((row, shared)) = op.plan.front().copied() {
            if !self.locks.take(row, id, shared) {
                return Progress::Waits;
            }
            op.plan.pop_front();
            match self.recheck(op, row) {
                Verdict::Keep => op.kept.push(row),
                Verdict::Drop => {}
                Verdict::Stop => {
                    op.plan.clear();
                    op.refused = true;
                }
            }
        }
        if op.plan.is_empty() {
            op.stage = Stage::Committing;
        }
        Progress::Again
    }

    /// Which rows the statement touches, as its snapshot shows them, in the order it locks them.
    fn plan(&self, op: &Op) -> Vec<(Lockable, bool)> {
        let mut plan = Vec::new();
        if op.request.term().is_some() {
            plan.push((Lockable::Leader, true));
        }
        let rows = match &*op.request {
            Request::Intake { token, runs } => Self::plan_intake(*token, runs),
            Request::Deliver { .. } | Request::Ingest { .. } | Request::FireTimers { .. } => {
                self.plan_mail(op)
            }
            Request::Register(worker) | Request::Beat(worker) | Request::Retire(worker) => {
                vec![Lockable::Worker(*worker)]
            }
            Request::Bury { worker, .. } => vec![Lockable::Worker(*worker)],
            Request::Lead(_) => vec![Lockable::Leader],
            Request::Rescue { .. } => self.lost(op.snapshot).into_iter().map(Lockable::Live).collect(),
            Request::LeaseOutbox { .. } => self.oldest_due(op).into_iter().map(Lockable::Outbox).collect(),
            Request::DeleteOutbox(rows) => {
                // An index is read in its own order, whatever that of the array.
                let rows: BTreeSet<Origin> = rows.iter().copied().collect();
                rows.into_iter().map(Lockable::Outbox).collect()
            }
            request => self.plan_fenced(request, op.snapshot),
        };
        plan.extend(rows.into_iter().map(|row| (row, false)));
        plan
    }

    /// The condition again, on the latest version of a row that is locked now.
    fn recheck(&self, op: &Op, row: Lockable) -> Verdict {
        let keep_if = |holds: bool| if holds { Verdict::Keep } else { Verdict::Drop };
        let unless_there = |there: bool| if there { Verdict::Stop } else { Verdict::Keep };
        match row {
            Lockable::Leader => self.recheck_leader(op),
            Lockable::Batch(token) => unless_there(self.batches.latest(token).is_some()),
            Lockable::Event(event) => unless_there(self.events.latest(event).is_some()),
            Lockable::Key(wish) => keep_if(self.keys.latest(wish).is_none()),
            Lockable::Live(run) => keep_if(self.live.latest(run).is_some_and(|row| self.holds(op, run, row))),
            Lockable::Worker(worker) => keep_if(self.worker_holds(&op.request, worker)),
            Lockable::Outbox(origin) => keep_if(self.outbox_holds(op, origin)),
        }
    }

    fn recheck_leader(&self, op: &Op) -> Verdict {
        let Some(leader) = self.leader.latest(()) else {
            return Verdict::Stop;
        };
        let holds = match &*op.request {
            Request::Lead(holder) => may_lead(leader, *holder, op.now),
            request => request.term() == Some(leader.term),
        };
        if holds { Verdict::Keep } else { Verdict::Stop }
    }

    fn apply(&mut self, op: &Op) -> Vec<Fact> {
        if op.refused {
            return Vec::new();
        }
        let mut facts: Vec<Fact> = op.request.term().map(Fact::UnderTerm).into_iter().collect();
        facts.extend(match &*op.request {
            Request::Intake { token, runs } => self.accept(op, *token, runs),
            Request::Deliver { token, deliveries } => self.deliver(op, *token, deliveries),
            Request::Ingest { event, body } => self.ingest(op, *event, body),
            Request::FireTimers { .. } => self.fire(op),
            Request::Claim { worker, wanted } => self.claim(op, *worker, wanted),
            Request::Append(appends) => self.append(op, appends),
            Request::Park(parks) => self.park(op, parks),
            Request::End(ends) => self.end(op, ends),
            Request::Release(_) | Request::Rescue { .. } => self.free(op),
            _ => self.keep_house(op),
        });
        facts
    }

    fn answer(&self, op: &mut Op, looks: u8) -> Progress {
        let reply = match &*Rc::clone(&op.request) {
            request if op.refused && request.term().is_some() => Reply::NotLeader,
            Request::Intake { token, runs } => self.intake_fates(op, *token, runs),
            Request::Deliver { deliveries, .. } => self.delivery_fates(op, deliveries),
            Request::Ingest { .. } => Self::ingested(op, &self.rung(op)),
            Request::FireTimers { .. } => Reply::Ready(self.rung(op), op.now),
            Request::Claim { wanted, .. } => self.claimed(op, wanted),
            Request::Append(_) | Request::Park(_) | Request::End(_) => return self.fates(op, looks),
            _ => self.other_answer(op),
        };
        Progress::Answer(reply)
    }
}

/// Of `lead`: nobody holds it, we do, or its time is over.
fn may_lead(leader: &Leader, holder: Who, now: Micros) -> bool {
    leader.holder.is_none_or(|holds| holds == holder) || leader.expires_at <= now
}

/// Keys of all rows of a run.
pub(super) fn of_run(run: RunId) -> std::ops::RangeInclusive<Origin> {
    (run, i32::MIN, i32::MIN, i32::MIN)..=(run, i32::MAX, i32::MAX, i32::MAX)
}
