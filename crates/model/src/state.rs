//! A state of the whole world.

use crate::{
    bounds::Faults,
    promise::{Broken, Promise},
    statement::{Client, Op, Statement},
    tables::{Entry, Item, Run},
};

/// The store, the queue, the processes, and what is under way between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub(crate) runs: Vec<Run>,
    pub(crate) workers: Vec<Worker>,
    /// Sorted: their order means nothing.
    pub(crate) statements: Vec<Statement>,
    /// Hints in the queue, (run, epoch), sorted.
    pub(crate) hints: Vec<(u8, u8)>,
    pub(crate) requests: Vec<Request>,
    pub(crate) mail: Vec<Mail>,
    /// The time of `run_at` has come.
    pub(crate) due: bool,
    /// The wall clock has jumped since the last tick.
    pub(crate) jumped: bool,
    /// The rescuer owes a pass after a death; read only where it makes no others.
    pub(crate) owes_pass: bool,
    /// What may still go wrong.
    pub(crate) faults: Faults,
    /// Deliveries that have begun, a bit each; kept only where their time is compared.
    pub(crate) begun: u8,
    /// Promises broken by the last step. Nothing happens after it.
    pub(crate) broken: Broken,
}

/// A request for a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    pub(crate) status: RequestStatus,
    /// What the outside has seen of each step.
    pub(crate) calls: Vec<Called>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RequestStatus {
    Unsent,
    Sending,
    Accepted,
}

/// What the outside has seen of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Called {
    /// The newest epoch under which it was called.
    pub(crate) newest: u8,
    /// The key of its first call.
    pub(crate) key: Option<Key>,
}

/// An idempotency key: the path, and what should not be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) path: u8,
    pub(crate) attempt: u8,
}

/// A message and what its sender and the store know of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mail {
    pub(crate) status: MailStatus,
    /// The row of `batches`, when its token is committed.
    pub(crate) batch: Option<Batch>,
}

/// What the sender knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MailStatus {
    Unsent,
    Sending,
    Acknowledged,
    Refused,
}

/// A committed batch of one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Batch {
    /// It put a row into an inbox.
    pub(crate) woke: bool,
    /// Which try committed it, which says when that began.
    pub(crate) attempt: u8,
}

/// A worker process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Worker {
    pub(crate) process: Process,
    /// Half leases that the rescuer has seen its beat stand still.
    pub(crate) still: u8,
    /// Its beat stood still for a whole lease once.
    pub(crate) silent: bool,
    /// `workers.alive`.
    pub(crate) alive: bool,
    pub(crate) task: Task,
}

/// How a worker process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Process {
    Acts,
    /// It stands still, as one that is stopped or starved does.
    Paused,
    Gone,
}

/// What a worker's one slot does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Task {
    Idle,
    Claiming {
        run: u8,
    },
    Holding(Hold),
    /// It gave its run back and claims no more.
    Draining,
}

/// A run in a worker's memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Hold {
    pub(crate) run: u8,
    pub(crate) epoch: u8,
    pub(crate) seq: u8,
    /// What is committed, as far as it knows.
    pub(crate) journal: Vec<Entry>,
    /// What is folded and not yet known to be committed.
    pub(crate) unsaved: Vec<Entry>,
    /// Inbox rows folded.
    pub(crate) inbox: Vec<Item>,
    /// The number of the last.
    pub(crate) folded: u8,
    pub(crate) doing: Doing,
}

/// What the task of a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Doing {
    /// Nothing: it is about to call this path. Writes are sent without a pause, since they may be late anyway.
    Ready(u8),
    /// So many answers of the store.
    Writing(u8),
    /// A call to the outside.
    Calling(u8),
}

impl Worker {
    pub(crate) const fn new() -> Self {
        Self {
            process: Process::Acts,
            still: 0,
            silent: false,
            alive: true,
            task: Task::Idle,
        }
    }

    /// Whether it does anything at all.
    pub(crate) const fn acts(&self) -> bool {
        matches!(self.process, Process::Acts)
    }

    /// The run in its slot, claimed or being claimed.
    pub(crate) const fn knows(&self) -> Option<u8> {
        match &self.task {
            Task::Idle | Task::Draining => None,
            Task::Claiming { run } => Some(*run),
            Task::Holding(hold) => Some(hold.run),
        }
    }

    pub(crate) const fn hold(&self) -> Option<&Hold> {
        match &self.task {
            Task::Holding(hold) => Some(hold),
            _ => None,
        }
    }

    /// Run, path and epoch of the call under way.
    pub(crate) fn calling(&self) -> Option<(u8, u8, u8)> {
        let hold = self.hold()?;
        match hold.doing {
            Doing::Calling(path) => Some((hold.run, path, hold.epoch)),
            _ => None,
        }
    }
}

/// Indices as they are stored; the bounds keep all lists short.
pub(crate) fn indices<T>(list: &[T]) -> impl Iterator<Item = u8> + use<T> {
    0..u8::try_from(list.len()).unwrap_or(u8::MAX)
}

impl State {
    pub(crate) fn run(&self, run: u8) -> &Run {
        &self.runs[usize::from(run)]
    }

    pub(crate) fn run_mut(&mut self, run: u8) -> &mut Run {
        &mut self.runs[usize::from(run)]
    }

    pub(crate) fn worker_mut(&mut self, worker: u8) -> &mut Worker {
        &mut self.workers[usize::from(worker)]
    }

    pub(crate) fn breaks(&mut self, promise: Promise) {
        self.broken.add(promise);
    }

    pub(crate) fn send(&mut self, client: Client, op: Op) {
        let statement = Statement::new(client, op);
        let at = self.statements.partition_point(|other| *other < statement);
        self.statements.insert(at, statement);
    }

    /// Puts back a statement that went one phase on.
    pub(crate) fn put(&mut self, statement: Statement) {
        let at = self.statements.partition_point(|other| *other < statement);
        self.statements.insert(at, statement);
    }

    pub(crate) fn ring(&mut self, run: u8, epoch: u8) {
        let at = self.hints.partition_point(|other| *other < (run, epoch));
        self.hints.insert(at, (run, epoch));
    }
}
