//! One priority: its bounds, and what this process knows of its backlog.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use levqor_store::{TenantId, WaitingRuns};
use parking_lot::Mutex;

use super::{Kind, LOW, shares::Shares};
use crate::options::ApiOptions;

/// Between two looks while the backlog is more than a quarter of its bound, and otherwise.
const OFTEN: Duration = Duration::from_millis(200);
const SELDOM: Duration = Duration::from_secs(1);

/// Between two looks at least so long for each run that the last one counted. Counting takes about a microsecond a run, so
/// that looks never take more than a tenth of one connection's time, however long the backlog.
const PER_RUN: Duration = Duration::from_micros(10);

/// How long beyond its time for a new look the last one is believed.
const BELIEVED: Duration = Duration::from_secs(5);

/// How long after a refusal looks go on although nobody asks: those who were told to wait a second shall not be the first to
/// learn that there is room.
const AWAITED: Duration = Duration::from_secs(2);

const NEVER: u64 = u64::MAX;

/// Most runs that wait in a priority; `u64::MAX` is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// For single starts.
    single: u64,
    /// For batches, which yield to single starts.
    batch: u64,
    /// For both while no worker is alive.
    idle: u64,
}

impl Bounds {
    pub(super) fn new(priority: i16, options: &ApiOptions) -> Self {
        let or_none = |bound: u64| if bound == 0 { u64::MAX } else { bound };
        let low = or_none(options.intake_backlog_low);
        let all = |bound| Self {
            single: bound,
            batch: bound,
            idle: bound,
        };
        match options.intake_backlog {
            _ if priority == LOW => all(low),
            0 => all(u64::MAX),
            bound => Self {
                single: bound,
                batch: bound.div_ceil(2),
                idle: low.max(bound),
            },
        }
    }

    fn of(self, kind: Kind, workers: bool) -> u64 {
        match kind {
            _ if !workers => self.idle,
            Kind::Single => self.single,
            Kind::Batch => self.batch,
        }
    }
}

/// What is known of a priority. Requests and looks touch it at the same time: a request may see half of what a look brought,
/// which makes it err by one request.
pub(super) struct Lane {
    priority: i16,
    bounds: Bounds,
    /// Runs that waited at the last look.
    waiting: AtomicU64,
    /// Runs that this process has committed since.
    accepted: AtomicU64,
    /// Runs of this process on their way to the commit.
    placed: AtomicU64,
    /// Whether a worker was alive at the last look.
    workers: AtomicBool,
    /// When the last look answered, in microseconds of the clock.
    seen: AtomicU64,
    /// When the last look ended, whether or not it answered.
    tried: AtomicU64,
    /// Whether somebody looks, or will when it is time.
    looking: AtomicBool,
    /// When somebody was refused last.
    refused: AtomicU64,
    shares: Mutex<Shares>,
}

impl Lane {
    pub(super) fn new(priority: i16, bounds: Bounds) -> Self {
        Self {
            priority,
            bounds,
            waiting: 0.into(),
            accepted: 0.into(),
            placed: 0.into(),
            workers: true.into(),
            seen: NEVER.into(),
            tried: NEVER.into(),
            looking: false.into(),
            refused: NEVER.into(),
            shares: Mutex::default(),
        }
    }

    pub(super) fn priority(&self) -> i16 {
        self.priority
    }

    /// Whether a run of this tenant may come in. A tenant with less than its equal share may although the backlog is full.
    pub(super) fn admits(&self, tenant: TenantId, kind: Kind, now: Duration) -> bool {
        let bound = self.bounds.of(kind, self.workers.load(Relaxed));
        self.level() < bound || self.is_stale(now) || self.shares.lock().has_room(tenant, bound)
    }

    /// Counts runs that come in, until the place is dropped.
    pub(super) fn place(&self, tenant: TenantId, kind: Kind, runs: u64) -> Place<'_> {
        if self.level() >= self.bounds.of(kind, self.workers.load(Relaxed)) {
            self.shares.lock().add(tenant, runs);
        }
        self.placed.fetch_add(runs, Relaxed);
        Place { lane: self, runs }
    }

    /// Somebody was refused, and told to come again soon.
    pub(super) fn refused(&self, now: Duration) {
        self.refused.store(micros(now), Relaxed);
    }

    /// Whether somebody who was refused is about to come again and would still find the backlog full.
    pub(super) fn is_awaited(&self, now: Duration) -> bool {
        let bound = self.bounds.of(Kind::Batch, self.workers.load(Relaxed));
        self.level() >= bound && since(&self.refused, now).is_some_and(|age| age < AWAITED)
    }

    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Relaxed);
    }

    /// Runs that wait now, as far as this process knows.
    fn level(&self) -> u64 {
        self.waiting
            .load(Relaxed)
            .saturating_add(self.accepted.load(Relaxed))
            .saturating_add(self.placed.load(Relaxed))
    }

    /// Whether too little is known to refuse anything: nobody has looked for some time, or the looks fail.
    fn is_stale(&self, now: Duration) -> bool {
        since(&self.seen, now).is_none_or(|age| age > self.pause().saturating_add(BELIEVED))
    }

    /// Whether it is time for a look.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        let bounded = self.bounds.single < u64::MAX;
        bounded
            && !self.looking.load(Relaxed)
            && since(&self.tried, now).is_none_or(|age| age >= self.pause())
    }

    /// From the end of a look to the begin of the next.
    pub(super) fn pause(&self) -> Duration {
        let bound = self.bounds.of(Kind::Single, self.workers.load(Relaxed));
        let pause = if self.level() > bound / 4 { OFTEN } else { SELDOM };
        let counted = u32::try_from(self.waiting.load(Relaxed)).unwrap_or(u32::MAX);
        pause.max(PER_RUN.saturating_mul(counted))
    }

    /// Whether the caller is the one to look; [`Self::end_looks`] has to follow.
    pub(super) fn begin_looks(&self) -> bool {
        !self.looking.swap(true, Relaxed)
    }

    /// A look has ended, with an answer or without.
    pub(super) fn tried(&self, now: Duration) {
        self.tried.store(micros(now), Relaxed);
    }

    pub(super) fn end_looks(&self) {
        self.looking.store(false, Relaxed);
    }

    /// What is counted at most: the bound, or, while there is none, what will be one.
    pub(super) fn most(&self, workers: bool) -> i64 {
        let bound = match self.bounds.of(Kind::Single, workers) {
            u64::MAX => self.bounds.single,
            bound => bound,
        };
        i64::try_from(bound).unwrap_or(i64::MAX)
    }

    /// What this process has committed so far, for [`Self::saw`].
    pub(super) fn mark(&self) -> u64 {
        self.accepted.load(Relaxed)
    }

    /// Takes what a look found that began at `mark`; answers how many runs wait.
    pub(super) fn saw(&self, workers: bool, held: &[WaitingRuns], mark: u64, now: Duration) -> u64 {
        let shares = Shares::of(held);
        let waiting = shares.runs();
        *self.shares.lock() = shares;
        self.workers.store(workers, Relaxed);
        self.waiting.store(waiting, Relaxed);
        self.accepted.fetch_sub(mark, Relaxed);
        self.seen.store(micros(now), Relaxed);
        waiting
    }
}

/// Runs that were let in and are not settled. Dropped, they are counted no more: those committed were counted by
/// [`super::Backlog::accepted`].
#[must_use]
pub(crate) struct Place<'a> {
    lane: &'a Lane,
    runs: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.lane.placed.fetch_sub(self.runs, Relaxed);
    }
}

fn since(at: &AtomicU64, now: Duration) -> Option<Duration> {
    let at = at.load(Relaxed);
    (at != NEVER).then(|| now.saturating_sub(Duration::from_micros(at)))
}

fn micros(at: Duration) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(NEVER)
}
