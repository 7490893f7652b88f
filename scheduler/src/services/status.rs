//! Measures the service once in each slot of the store's time, and writes what it found; incidents follow from that.

mod probes;

use std::{collections::VecDeque, time::Duration};

use async_trait::async_trait;
use levqor_status::{Snapshot, judge::PATIENCE, record, recorded, slot};
use levqor_store::{StoreError, Timestamp};
use tokio::time::{Instant, timeout};

use crate::{
    context::Context,
    service::{Pace, Service},
};

/// Longest pause between two looks at the clock, which may be turned.
const LOOK: Duration = Duration::from_secs(1);

/// Processes that start together are not all there yet: the first look is a tenth of a slot after a term began, or this.
const SETTLE: Duration = Duration::from_secs(10);

/// How often it is looked whether a setting has switched it on: never without a restart.
const OFF: Duration = Duration::from_hours(1);

/// Snapshots kept while the database does not take them: a day of the usual slots.
const KEPT: usize = 288;

/// Where the measuring stands.
#[derive(Default)]
pub(crate) struct Status {
    /// Not to be measured before.
    from: Option<Instant>,
    /// The slot measured last.
    done: Option<Timestamp>,
    /// The store's time when it was last asked: while the database is away, this process's own clock carries it on.
    known: Option<(Timestamp, Instant)>,
    /// Snapshots that are not written, the oldest first: an outage of the database is told once it is over.
    unwritten: VecDeque<Snapshot>,
}

impl Status {
    async fn now(&mut self, context: &Context) -> Option<Timestamp> {
        if let Ok(Ok(now)) = timeout(PATIENCE, context.about_now()).await {
            self.known = Some((now, Instant::now()));
        }
        self.known.map(|(then, at)| then.after(at.elapsed()))
    }

    /// Measures the slot of `now` when nobody has.
    async fn measure(&mut self, context: &Context, now: Timestamp) {
        let length = context.options.status_interval;
        let slot = slot(now, length);
        if self.done >= Some(slot) {
            return;
        }
        self.done = Some(slot);
        if let Ok(Ok(true)) = timeout(PATIENCE, recorded(&context.platform.db, slot)).await {
            return;
        }
        let components = probes::all(context, now).await;
        self.unwritten.push_back(Snapshot {
            slot,
            length: i64::try_from(length.as_micros()).unwrap_or(i64::MAX),
            at: now,
            components,
        });
        if self.unwritten.len() > KEPT {
            self.unwritten.pop_front();
        }
    }

    async fn write(&mut self, context: &Context) -> Result<(), StoreError> {
        while let Some(snapshot) = self.unwritten.front() {
            let written = timeout(PATIENCE, record(&context.platform, snapshot)).await;
            let late = |_| StoreError::Unavailable("a status snapshot was not taken in time".to_owned());
            let recorded = written.map_err(late)??;
            for incident in &recorded.opened {
                tracing::warn!(incident, "an incident began");
            }
            for incident in &recorded.closed {
                tracing::info!(incident, "an incident is over");
            }
            self.unwritten.pop_front();
        }
        Ok(())
    }
}

#[async_trait]
impl Service for Status {
    const NAME: &'static str = "status";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let length = context.options.status_interval;
        if length.is_zero() {
            return Ok(Pace::After(OFF));
        }
        let from = *self
            .from
            .get_or_insert_with(|| Instant::now() + SETTLE.min(length / 10));
        let early = from.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            return Ok(Pace::After(early));
        }
        if let Some(now) = self.now(context).await {
            self.measure(context, now).await;
        }
        self.write(context).await?;
        Ok(Pace::After(LOOK.min(length / 4)))
    }
}

#[cfg(test)]
mod tests;
