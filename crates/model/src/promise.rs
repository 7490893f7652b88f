//! What the protocol promises.

/// Promises broken by a step, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Broken(u16);

impl Broken {
    pub(crate) fn add(&mut self, promise: Promise) {
        self.0 |= 1 << promise as u16;
    }

    pub(crate) const fn has(self, promise: Promise) -> bool {
        self.0 & 1 << promise as u16 != 0
    }

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A property that every reachable state has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Promise {
    /// A worker's write commits only while the run is running under the writer's epoch.
    NoStaleCommit,
    /// A run has one end at most.
    OneEnd,
    /// When nothing is left to be done, every accepted run has ended.
    Ends,
    /// Journal rows are numbered without gaps, hold an outcome once, and are all in what the end packs.
    Journal,
    /// Two calls of one step that overlap have different epochs.
    OverlapByEpoch,
    /// They overlap only when the older holder's beat stood still for the whole lease.
    OverlapAfterSilence,
    /// No call of a newer epoch had begun when an outcome was committed, and none begins after it.
    NewestOutcome,
    /// What was acknowledged is folded before the run ends, and a cancel acknowledged cancels.
    NothingDropped,
    /// One message is one inbox row.
    DeliveredOnce,
    /// One request starts one run, however often it is repeated.
    OneStart,
    /// All attempts of a step carry the same key.
    OneKey,
    /// A call starts only when all that it depends on is committed.
    CommitBeforeEffect,
    /// No call starts before the run's time.
    NotBeforeItsTime,
    /// Only a worker that has lost the run is told `Fenced`.
    FencedMeansLost,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::NoStaleCommit,
        Self::OneEnd,
        Self::Ends,
        Self::Journal,
        Self::OverlapByEpoch,
        Self::OverlapAfterSilence,
        Self::NewestOutcome,
        Self::NothingDropped,
        Self::DeliveredOnce,
        Self::OneStart,
        Self::OneKey,
        Self::CommitBeforeEffect,
        Self::NotBeforeItsTime,
        Self::FencedMeansLost,
    ];

    /// As it is reported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoStaleCommit => "no outcome is committed under a stale epoch",
            Self::OneEnd => "a run ends at most once",
            Self::Ends => "an accepted run has ended when nothing is left to do",
            Self::Journal => "the journal has no gap and keeps what was committed",
            Self::OverlapByEpoch => "overlapping calls of a step have different epochs",
            Self::OverlapAfterSilence => "calls overlap only after the older holder's silence",
            Self::NewestOutcome => "the committed outcome is the newest holder's",
            Self::NothingDropped => "no acknowledged signal or cancel is dropped",
            Self::DeliveredOnce => "a message is delivered once",
            Self::OneStart => "a repeated intake starts no second run",
            Self::OneKey => "the idempotency key is the same over attempts",
            Self::CommitBeforeEffect => "no effect starts before what it depends on is committed",
            Self::NotBeforeItsTime => "no run starts before its time",
            Self::FencedMeansLost => "only a holder that lost the run is fenced",
        }
    }
}
