//! Feeds the queue from the backlog, in the order of priority and age, never more than it should hold.

use std::time::Duration;

use async_trait::async_trait;
use levqor_queue::{FRESH, HINTS_PER_MESSAGE, Hint, PRIORITIES};
use levqor_store::{RunId, StoreError, Timestamp};
use tokio::time::Instant;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Pause while many hints wait or were fed a moment ago.
const BUSY: Duration = Duration::from_millis(20);

/// Pause between two looks at the queue when nothing happens; the database is then asked once in [`LOST`], by one
/// statement for all priorities.
const IDLE: Duration = Duration::from_millis(200);

/// So few hints are on their way: the queue takes those of new runs from whoever accepts them, and the relay has none to add.
const FEW: usize = HINTS_PER_MESSAGE;

/// How long after many hints were last seen the relay stays busy.
const PATIENCE: Duration = Duration::from_secs(1);

/// A queue whose depth has not fallen for so many busy looks has nobody to take from it.
const STILL: u32 = 50;

/// Every so often the whole backlog is read again: rows below the floor may have become ready.
const RESCAN: Duration = Duration::from_mins(1);

/// A queue that stays empty this long while rows are pending has lost their hints.
const LOST: Duration = Duration::from_secs(1);

/// How long it is not believed lost while a reading of the backlog is under way: one that begins anew each second never comes
/// to the end of a long one, when hints are taken as fast as they are fed.
const READING: Duration = Duration::from_secs(10);

/// Where the reading of each priority stands.
#[derive(Default)]
pub(crate) struct Relay {
    floors: [Option<RunId>; PRIORITIES],
    rescanned: Option<Instant>,
    /// The reading has come to the end since.
    through: bool,
    /// Hints that waited at the last look.
    waited: usize,
    /// Looks in a row at which no fewer waited than before.
    still: u32,
    /// When many hints were last seen, or any were fed.
    active: Option<Instant>,
    /// When the database was last asked.
    asked: Option<Instant>,
}

impl Relay {
    /// Begins from the oldest row again, when that is due.
    fn rescan(&mut self, queue_empty: bool) {
        let due = match (queue_empty, self.through) {
            (true, true) => LOST,
            (true, false) => READING,
            (false, _) => RESCAN,
        };
        if self.rescanned.is_none_or(|at| at.elapsed() >= due) {
            self.floors = [None; PRIORITIES];
            self.rescanned = Some(Instant::now());
            self.through = false;
        }
    }

    /// How soon to look again, by what waits now.
    fn pace(&mut self, waiting: usize) -> Duration {
        self.still = if waiting > 0 && waiting >= self.waited {
            self.still + 1
        } else {
            0
        };
        self.waited = waiting;
        if waiting > FEW && self.still <= STILL {
            self.active = Some(Instant::now());
        }
        let active = self.active.is_some_and(|at| at.elapsed() < PATIENCE) && self.still <= STILL;
        if active { BUSY } else { IDLE }
    }

    /// Pushes up to `room` hints of one priority; how many, and how many now wait.
    async fn feed(&mut self, context: &Context, priority: usize, room: usize) -> Result<usize, StoreError> {
        let level = i16::try_from(priority).unwrap_or(i16::MAX);
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        let mut ready = context.store.ready(level, self.floors[priority], limit).await?;
        if !ready.is_empty() {
            let now = context.store.now().await?.since(Timestamp::default());
            // An id from the future is of a process whose clock is ahead; its run is not fresh for as long as that.
            let age = |run| now.checked_sub(accepted_at(run));
            ready.retain(|r| age(r.run).is_none_or(|age| age >= FRESH));
        }
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

/// When a run was accepted, by its id (RFC 9562, version 7), since the Unix epoch.
fn accepted_at(run: RunId) -> Duration {
    let (seconds, nanos) = run.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
    Duration::new(seconds, nanos)
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
        let pause = self.pace(waiting);
        let resting = pause == IDLE && self.asked.is_some_and(|at| at.elapsed() < LOST);
        if waiting > cap / 2 || resting {
            return Ok(Pace::After(pause));
        }
        self.asked = Some(Instant::now());
        if pause == IDLE && !context.store.any_ready().await? {
            self.through = true;
            return Ok(Pace::After(IDLE));
        }
        let mut room = cap - waiting;
        for priority in 0..PRIORITIES {
            let fed = if room > 0 {
                self.feed(context, priority, room).await?
            } else {
                0
            };
            room -= fed.min(room);
            if fed > 0 {
                self.active = Some(Instant::now());
            }
        }
        self.through |= room > 0;
        Ok(Pace::After(
            if self.active.is_some_and(|at| at.elapsed() < PATIENCE) {
                BUSY
            } else {
                IDLE
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use levqor_platform::testing::TestPlatform;
    use levqor_store::{NewWorkflow, WorkflowId};
    use std::{collections::HashSet, sync::atomic::Ordering::SeqCst};
    use uuid::Uuid;

    use super::*;

    const WORKFLOW: WorkflowId = WorkflowId(Uuid::from_u128(2));

    /// A run of which nobody told the queue.
    async fn accept_quietly(app: &TestPlatform, priority: i16) {
        let new = app.new_run(WORKFLOW, priority);
        let token = app.platform.ids.uuid_v7();
        app.store.intake(token, &[new]).await.unwrap();
    }

    async fn app() -> TestPlatform {
        let app = TestPlatform::sqlite().await;
        let workflow = NewWorkflow {
            id: WORKFLOW,
            tenant: app.tenant,
            namespace: "test".to_owned(),
            name: "any".to_owned(),
            version: "1.0.0".to_owned(),
            hash: [1; 32],
            document: b"{}".to_vec(),
            schedule: None,
        };
        app.store.put_workflow(&workflow).await.unwrap();
        app
    }

    #[tokio::test]
    async fn a_long_backlog_is_read_to_its_end_however_fast_hints_are_taken() {
        let app = app().await;
        let (mut context, mut relay) = (Context::of(&app, 1), Relay::default());
        context.options.queue_cap = 10;
        for _ in 0..30 {
            accept_quietly(&app, 1).await;
        }
        app.clock.advance(Duration::from_secs(1));
        let mut seen = HashSet::new();
        for _ in 0..3 {
            relay.pass(&context).await.unwrap();
            // Taken, but not claimed yet.
            let hints = context.queue.fetch(100, Duration::ZERO).await.unwrap();
            seen.extend(hints.into_iter().map(|hint| hint.run));
            relay.rescanned = relay.rescanned.and_then(|at| at.checked_sub(LOST));
        }
        assert_eq!(seen.len(), 30);
    }

    #[tokio::test]
    async fn an_idle_relay_feeds_runs_of_every_priority_whose_hints_were_lost() {
        let app = app().await;
        let (context, mut relay) = (Context::of(&app, 1), Relay::default());
        assert_eq!(relay.pass(&context).await.unwrap(), Pace::After(IDLE));
        assert_eq!(context.stats.hints_relayed.load(SeqCst), 0);
        for priority in 0..3 {
            accept_quietly(&app, priority).await;
        }
        app.clock.advance(Duration::from_secs(1));
        // It was asked a moment ago.
        assert_eq!(relay.pass(&context).await.unwrap(), Pace::After(IDLE));
        assert_eq!(context.queue.depth().await.unwrap(), 0);
        relay.asked = None;
        assert_eq!(relay.pass(&context).await.unwrap(), Pace::After(BUSY));
        assert_eq!(context.queue.depth().await.unwrap(), 3);
    }

    #[test]
    fn a_queue_that_moves_is_looked_at_often_and_one_that_stands_still_rarely() {
        let mut relay = Relay::default();
        assert_eq!(relay.pace(FEW), IDLE);
        assert_eq!(relay.pace(FEW + 1), BUSY);
        assert_eq!(relay.pace(0), BUSY);
        for _ in 0..STILL {
            relay.pace(1_500);
        }
        assert_eq!(relay.pace(1_500), IDLE);
        assert_eq!(relay.pace(1_400), BUSY);
    }
}
