//! Deletes what has outlived its purpose, in small batches.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

const BATCH: i64 = 1_000;
const IDLE: Duration = Duration::from_mins(1);

/// Lets others work between two full batches.
const BUSY: Duration = Duration::from_millis(100);

pub(crate) struct Sweeper;

#[async_trait]
impl Service for Sweeper {
    const NAME: &'static str = "sweeper";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let swept = context.store.sweep(context.term, BATCH).await?;
        SchedulerStats::add(
            &context.stats.rows_swept,
            usize::try_from(swept).unwrap_or(usize::MAX),
        );
        Ok(Pace::After(if swept < BATCH.unsigned_abs() {
            IDLE
        } else {
            BUSY
        }))
    }
}
