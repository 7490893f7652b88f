//! Timers that have come due go to the inboxes of their runs.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Timers fired in one statement.
const BATCH: i64 = 1_000;

/// Precision while timers are near.
const NEAR: Duration = Duration::from_millis(25);

/// How far ahead a timer counts as near, and how often the table is looked at when none is.
const HORIZON: Duration = Duration::from_secs(1);

pub(crate) struct Timers;

#[async_trait]
impl Service for Timers {
    const NAME: &'static str = "timers";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let Some(due) = context.store.next_timer().await? else {
            return Ok(Pace::After(HORIZON));
        };
        let now = context.store.now().await?;
        if due > now {
            return Ok(Pace::After(due.since(now).clamp(NEAR, HORIZON)));
        }
        let fired = context.store.fire_timers(context.term, BATCH).await?;
        SchedulerStats::add(&context.stats.timers_fired, fired.len());
        context.ring(&fired).await;
        Ok(Pace::Again)
    }
}
