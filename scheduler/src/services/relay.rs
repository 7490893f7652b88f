//! Feeds the queue from the backlog, in the order of priority and age, never more than it should hold.

use std::time::Duration;

use async_trait::async_trait;
use levqor_queue::{Hint, PRIORITIES};
use levqor_store::{RunId, StoreError};
use tokio::time::Instant;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Pause while there is a backlog.
const BUSY: Duration = Duration::from_millis(20);

/// Pause while nobody takes what waits already.
const STILL: Duration = Duration::from_millis(250);

/// Pause when there is none.
const IDLE: Duration = Duration::from_secs(1);

/// Every so often the whole backlog is read again: rows below the floor may have become ready.
const RESCAN: Duration = Duration::from_mins(1);

/// A queue that stays empty this long while rows are pending has lost their hints.
const LOST: Duration = Duration::from_secs(1);

/// Where the reading of each priority stands.
#[derive(Default)]
pub(crate) struct Relay {
    floors: [Option<RunId>; PRIORITIES],
    rescanned: Option<Instant>,
    /// Hints that waited at the last look.
    waited: usize,
}

impl Relay {
    /// Begins from the oldest row again, when that is due.
    fn rescan(&mut self, queue_empty: bool) {
        let age = self.rescanned.map(|at| at.elapsed());
        if age.is_none_or(|age| age >= RESCAN || (queue_empty && age >= LOST)) {
            self.floors = [None; PRIORITIES];
            self.rescanned = Some(Instant::now());
        }
    }

    /// Pushes up to `room` hints of one priority; how many, and how many now wait.
    async fn feed(&mut self, context: &Context, priority: usize, room: usize) -> Result<usize, StoreError> {
        let level = i16::try_from(priority).unwrap_or(i16::MAX);
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let ready = context.store.ready(level, self.floors[priority], limit).await?;
        let Some(last) = ready.last() else { return Ok(0) };
        let hints: Vec<Hint> = ready
            .iter()
            .map(|r| Hint {
                run: r.run.0,
                epoch: r.epoch,
            })
            .collect();
        if let Err(error) = context.queue.push(level, &hints).await {
            tracing::debug!(%error, "backlog not relayed");
            return Ok(0);
        }
        self.floors[priority] = Some(last.run);
        SchedulerStats::add(&context.stats.hints_relayed, hints.len());
        Ok(hints.len())
    }
}

#[async_trait]
impl Service for Relay {
    const NAME: &'static str = "relay";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let waiting = match context.queue.depth().await {
            Ok(depth) => usize::try_from(depth).unwrap_or(usize::MAX),
            Err(error) => {
                tracing::debug!(%error, "queue depth unknown");
                return Ok(Pace::After(IDLE));
            }
        };
        let cap = context.options.queue_cap;
        self.rescan(waiting == 0);
        if waiting > cap / 2 {
            let falls = waiting < self.waited;
            self.waited = waiting;
            return Ok(Pace::After(if falls { BUSY } else { STILL }));
        }
        self.waited = waiting;
        let mut room = cap - waiting;
        let full = room;
        for priority in 0..PRIORITIES {
            if room > 0 {
                room -= self.feed(context, priority, room).await?.min(room);
            }
        }
        Ok(Pace::After(if room == full { IDLE } else { BUSY }))
    }
}
