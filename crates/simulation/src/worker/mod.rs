//! A worker process, step by step as `worker/src` has it: the same order of commit and effect, each await a state of its
//! own, so that a fault can come in between.

mod call;
mod claim;
mod drain;
mod house;
mod lease;
mod live;
mod task;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::task::TaskId;
use self::{claim::Claiming, task::Task};
use crate::{
    Bug, Micros,
    batcher::{Batcher, Lane},
    ids::{OpId, RunId, Who},
    lanes::Fate,
    store::Reply,
    times::CLOCK_STEP,
    world::{Signal, World},
};

/// Runs held at once.
const SLOTS: usize = 6;

/// Whether this process may act for its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lease {
    Held,
    Doubtful,
}

/// From mild to harsh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Not registered yet.
    New,
    Working,
    /// Claims nothing more, begins no further effect.
    Draining,
    /// Stops running effects and gives runs back.
    Hurrying,
    /// All tasks are dropped; commits under way may still come to an end.
    Aborted,
    /// Gives back every row that names it.
    Leaving,
}

/// What an operation of the worker is about.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Flight(Lane, u64),
    Register,
    Beat {
        sent: Micros,
    },
    /// Inbox counters of these.
    Counts(Vec<(RunId, TaskId)>),
    /// Inbox rows for a call under way.
    Inbox(TaskId),
    Owned,
    Release(Vec<(RunId, i32)>),
    LeaveOwned,
    LeaveRelease,
    Retire,
}

pub(crate) struct Worker {
    pub(crate) who: Who,
    stage: Stage,
    lanes: [Batcher; 4],
    pub(crate) asked: BTreeMap<OpId, Asked>,
    tasks: BTreeMap<TaskId, Task>,
    /// The newest claim of each run.
    holds: BTreeMap<RunId, TaskId>,
    claiming: BTreeMap<u64, Claiming>,
    /// Tasks that wait for a write.
    tickets: BTreeMap<u64, TaskId>,
    lease: Lease,
    last_beat: Micros,
    beating: Option<OpId>,
    releases: BTreeSet<(RunId, i32)>,
    flushing: bool,
    suspects: BTreeSet<(RunId, i32)>,
    /// The store's clock at the latest claim, and when that was.
    clock: (Micros, Micros),
}

impl Worker {
    pub(crate) fn new(who: Who, bug: Option<Bug>) -> Self {
        let appends = Batcher::new(Lane::Appends, bug == Some(Bug::TwoAppendsInFlight));
        let one = |lane| Batcher::new(lane, false);
        Self {
            who,
            stage: Stage::New,
            lanes: [one(Lane::Claims), appends, one(Lane::Parks), one(Lane::Ends)],
            asked: BTreeMap::new(),
            tasks: BTreeMap::new(),
            holds: BTreeMap::new(),
            claiming: BTreeMap::new(),
            tickets: BTreeMap::new(),
            lease: Lease::Held,
            last_beat: 0,
            beating: None,
            releases: BTreeSet::new(),
            flushing: false,
            suspects: BTreeSet::new(),
            clock: (0, 0),
        }
    }

    pub(crate) fn lane(&mut self, lane: Lane) -> &mut Batcher {
        let place = match lane {
            Lane::Appends => 1,
            Lane::Parks => 2,
            Lane::Ends => 3,
            _ => 0,
        };
        &mut self.lanes[place]
    }

    pub(crate) fn has_room(&self) -> bool {
        self.stage == Stage::Working && self.tasks.len() + self.claiming.len() < SLOTS
    }

    /// A task or a claim of this process has to do with the run.
    fn knows(&self, run: RunId) -> bool {
        self.holds.contains_key(&run) || self.claiming.values().any(|claim| claim.request.run == run)
    }

    /// What the store's clock shows about now (`worker/src/clock.rs`).
    fn store_now(&self, now: Micros) -> Micros {
        self.clock.0 + (now - self.clock.1)
    }

    fn refresh(&mut self, reading: Micros, now: Micros) {
        let shown = self.store_now(now);
        if reading >= shown || shown - reading > CLOCK_STEP {
            self.clock = (reading, now);
        }
    }
}

impl World<'_> {
    pub(crate) fn start_worker(&mut self, n: usize, who: Who) {
        self.workers[n] = Worker::new(who, self.bug);
        self.tell(who, 0, Signal::Register);
    }

    pub(crate) fn worker_signal(&mut self, n: usize, signal: Signal) {
        match signal {
            Signal::Answer(op, reply) => {
                if let Some(asked) = self.workers[n].asked.remove(&op) {
                    self.worker_answer(n, asked, reply);
                }
            }
            Signal::Repeat(lane, flight) => self.send_again(self.workers[n].who, lane, flight),
            Signal::Hint(hint) => self.claim(n, hint),
            Signal::CallOver(call) => self.call_over(n, call),
            Signal::Deadline(task, call) => self.deadline(n, task, call),
            Signal::GraceOver(task, call) => self.grace_over(n, task, call),
            Signal::Register => self.register(n),
            Signal::Beat => self.beat(n),
            Signal::BeatLate(op) => self.beat_late(n, op),
            Signal::Doubt => self.doubt(n),
            Signal::Watch => self.watch(n),
            Signal::Sweep => self.sweep(n),
            Signal::Flush => self.flush(n),
            Signal::Drain => self.begin_drain(n),
            Signal::Hurry => self.hurry(n),
            Signal::Abort => self.abort_tasks(n),
            Signal::Leave => self.leave_store(n),
            Signal::Exit => self.stop(self.workers[n].who.role, "exits"),
            Signal::Request(..) | Signal::Campaign | Signal::Pass(..) => {}
        }
    }

    fn worker_answer(&mut self, n: usize, asked: Asked, reply: Option<Reply>) {
        match asked {
            Asked::Flight(lane, flight) => self.flight_answered(self.workers[n].who, (lane, flight), reply),
            Asked::Register => self.registered(n, reply.as_ref()),
            Asked::Beat { sent } => self.beaten(n, sent, reply.as_ref()),
            Asked::Counts(tasks) => self.counted(n, &tasks, reply),
            Asked::Inbox(task) => self.inbox_read(n, task, reply),
            Asked::Owned => self.owned(n, reply),
            Asked::Release(runs) => self.released(n, runs, reply),
            Asked::LeaveOwned => self.leave_owned(n, reply),
            Asked::LeaveRelease => self.leave_released(n, reply),
            Asked::Retire => self.tell(self.workers[n].who, 0, Signal::Exit),
        }
    }

    pub(crate) fn worker_fate(&mut self, n: usize, ticket: u64, fate: Fate) {
        match fate {
            Fate::Claim(claimed) => self.claim_over(n, ticket, claimed),
            Fate::Write(fate) => {
                if let Some(task) = self.workers[n].tickets.remove(&ticket) {
                    self.written(n, task, ticket, fate);
                }
            }
            _ => {}
        }
    }
}
