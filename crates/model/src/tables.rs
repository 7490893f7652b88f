//! The tables, as far as the protocol's rules read them. One value of each type is one row.

/// The states of a run, by the names of the code. Not modelled: `suspended`, which nothing writes, and `faulted`, which
/// commits as `completed` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunState {
    /// Waits for a worker or for its time.
    Pending,
    /// A worker holds it.
    Running,
    /// Waits for an event.
    Waiting,
    /// Ended by request.
    Cancelled,
    /// Ended with an output.
    Completed,
}

/// What kind of thing an inbox row is, by the names of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The timer of `run_at` came due.
    Timer,
    /// An event the run may listen for.
    Event,
    /// A request to cancel.
    Cancel,
}

/// Something the fold takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// A call of this path came back, to the holder of this epoch: what it brought differs from call to call.
    Called(u8, u8),
    /// The event in this inbox row was taken.
    Heard(u8),
}

/// A journal row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct JournalRow {
    pub(crate) seq: u8,
    pub(crate) epoch: u8,
    pub(crate) body: Vec<Entry>,
}

/// An inbox row: what it is, and the message it came from.
pub(crate) type Item = (Kind, u8);

/// A live row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) state: RunState,
    pub(crate) ready: bool,
    pub(crate) epoch: u8,
    pub(crate) seq: u8,
    pub(crate) inbox: u8,
    pub(crate) worker: Option<u8>,
    pub(crate) token: Option<u8>,
    pub(crate) parked: Option<u8>,
    /// Inbox rows that its last park had folded in truth. No column: what the park compared is what the code has.
    pub(crate) seen: u8,
}

/// A row of `ended`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ended {
    pub(crate) state: RunState,
    pub(crate) epoch: u8,
    pub(crate) journal: Vec<Entry>,
    /// What the worker had folded of the inbox. The code keeps its number only.
    pub(crate) folded: Vec<Item>,
    /// Deliveries that had begun when this end began, a bit each: what comparing their times tells.
    pub(crate) after: u8,
}

/// All rows of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Run {
    pub(crate) live: Option<Live>,
    pub(crate) journal: Vec<JournalRow>,
    pub(crate) inbox: Vec<Item>,
    pub(crate) timer: bool,
    pub(crate) ended: Vec<Ended>,
    /// The token of its intake is committed.
    pub(crate) token: bool,
    /// How many live rows were ever inserted for it.
    pub(crate) starts: u8,
}

impl RunState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Running,
        Self::Waiting,
        Self::Cancelled,
        Self::Completed,
    ];
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Timer, Self::Event, Self::Cancel];
}

impl Live {
    /// As intake inserts it.
    pub(crate) fn new(ready: bool) -> Self {
        Self {
            state: RunState::Pending,
            ready,
            epoch: 0,
            seq: 0,
            inbox: 0,
            worker: None,
            token: None,
            parked: None,
            seen: 0,
        }
    }

    /// P7: by id alone, the state decides.
    pub(crate) fn wake(&mut self) {
        self.inbox += 1;
        self.ready |= matches!(self.state, RunState::Pending | RunState::Waiting);
        if self.state == RunState::Waiting {
            self.state = RunState::Pending;
        }
    }

    /// Pending and ready at the same epoch, as release and rescue leave it.
    pub(crate) fn free(&mut self) {
        self.state = RunState::Pending;
        self.worker = None;
        self.token = None;
    }
}

impl Run {
    /// Every entry of the journal.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.journal.iter().flat_map(|row| row.body.clone()).collect()
    }
}
