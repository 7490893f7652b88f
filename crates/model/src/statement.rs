//! Statements on their way through the store, as READ COMMITTED lets them pass each other.
//!
//! A statement takes its snapshot ([`Phase::Sent`] to [`Phase::Begun`]) and finds its rows in it. Then it takes their locks: it
//! waits while another transaction holds one, and compares its `WHERE` with the row that one committed. From its locks to
//! its commit nobody can see what it does, so that both are one step here: what another transaction does in between could as
//! well be done before. Between snapshot and locks everything may happen. Some have a second statement after the commit.

use crate::tables::{Entry, Item, RunState};

/// What is asked of the store, by the names of the code's methods.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `IntakeStore::intake`.
    Intake {
        /// Which run.
        run: u8,
    },
    /// `IntakeStore::deliver`.
    Deliver {
        /// Which message; its token is the same in each try.
        message: u8,
        /// Which try it is, where that matters.
        attempt: u8,
    },
    /// `WorkerStore::claim`.
    Claim {
        /// Which run.
        run: u8,
        /// For whom.
        worker: u8,
        /// The epoch of the hint.
        epoch: u8,
        /// Another one for each claim.
        token: u8,
    },
    /// `WorkerStore::append`.
    Append {
        /// Which run.
        run: u8,
        /// The writer's epoch.
        epoch: u8,
        /// Rows that the writer knows of.
        seq: u8,
        /// What is journaled.
        body: Vec<Entry>,
    },
    /// `WorkerStore::park`.
    Park {
        /// Which run.
        run: u8,
        /// The writer's epoch.
        epoch: u8,
        /// Rows that the writer knows of.
        seq: u8,
        /// The last inbox row folded.
        inbox: u8,
        /// Inbox rows folded in truth.
        seen: u8,
        /// What is journaled with it, if anything.
        body: Vec<Entry>,
    },
    /// `WorkerStore::end`.
    End {
        /// Which run.
        run: u8,
        /// The writer's epoch.
        epoch: u8,
        /// Rows that the writer knows of.
        seq: u8,
        /// The last inbox row folded.
        inbox: u8,
        /// Inbox rows folded in truth.
        folded: Vec<Item>,
        /// How it ends.
        state: RunState,
        /// The whole journal, packed.
        journal: Vec<Entry>,
        /// Deliveries that had begun when this began.
        after: u8,
    },
    /// `WorkerStore::release`.
    Release {
        /// Which run.
        run: u8,
        /// The epoch it is held under.
        epoch: u8,
    },
    /// `SchedulerStore::rescue`.
    Rescue,
    /// `SchedulerStore::fire_timers`.
    FireTimers,
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Client {
    /// Whoever asked for a run, or sent a message.
    Api,
    /// A worker.
    Worker(u8),
    /// The leader.
    Leader,
    /// Nobody any more: the answer is lost, the statement is not.
    Nobody,
}

/// How far a statement is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// On its way to the store.
    Sent,
    /// Its snapshot holds its row as the `WHERE` asks; the inbox rows it saw beside it.
    Begun(Vec<Item>),
    /// Rows of dead workers in its snapshot, each with its epoch.
    Listed(Vec<(u8, u8)>),
    /// The first statement is over, the second is to be sent; the counters that the first returned.
    Second(u8, u8),
}

/// A statement under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Statement {
    pub(crate) client: Client,
    pub(crate) op: Op,
    pub(crate) phase: Phase,
}

/// What became of a fenced write, by the names of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WriteFate {
    Committed,
    InboxMoved(Vec<Item>),
    Fenced,
}

/// What a statement says to its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing that its client has to know.
    Done,
    Claimed(Option<Past>),
    Written(WriteFate),
    Delivered(bool),
}

/// A run as its new owner gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) epoch: u8,
    pub(crate) seq: u8,
    pub(crate) journal: Vec<Entry>,
    pub(crate) inbox: Vec<Item>,
    /// The number of the last inbox row, which parking compares.
    pub(crate) folded: u8,
}

impl Statement {
    pub(crate) fn new(client: Client, op: Op) -> Self {
        Self {
            client,
            op,
            phase: Phase::Sent,
        }
    }
}

impl Op {
    /// The run it is about; none for those about all runs.
    pub(crate) const fn run(&self) -> Option<u8> {
        match self {
            Self::Intake { run }
            | Self::Claim { run, .. }
            | Self::Append { run, .. }
            | Self::Park { run, .. }
            | Self::End { run, .. }
            | Self::Release { run, .. } => Some(*run),
            Self::Deliver { .. } | Self::Rescue | Self::FireTimers => None,
        }
    }

    /// The methods that are modelled statement by statement.
    pub const METHODS: [&'static str; 9] = [
        "intake",
        "deliver",
        "claim",
        "append",
        "park",
        "end",
        "release",
        "rescue",
        "fire_timers",
    ];

    /// The method of the code.
    pub const fn method(&self) -> &'static str {
        let [
            intake,
            deliver,
            claim,
            append,
            park,
            end,
            release,
            rescue,
            fire_timers,
        ] = Self::METHODS;
        match self {
            Self::Intake { .. } => intake,
            Self::Deliver { .. } => deliver,
            Self::Claim { .. } => claim,
            Self::Append { .. } => append,
            Self::Park { .. } => park,
            Self::End { .. } => end,
            Self::Release { .. } => release,
            Self::Rescue => rescue,
            Self::FireTimers => fire_timers,
        }
    }

    /// Whether it is a worker's fenced write (P3).
    pub(crate) const fn is_write(&self) -> bool {
        matches!(self, Self::Append { .. } | Self::Park { .. } | Self::End { .. })
    }
}
