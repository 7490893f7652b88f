//! Deletes people's tokens that have expired, in small batches.

use std::time::Duration;

use async_trait::async_trait;
use levqor_accounts::sweep_tokens;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

const BATCH: u64 = 500;
const IDLE: Duration = Duration::from_mins(1);

/// Lets others work between two full batches.
const BUSY: Duration = Duration::from_millis(100);

pub(crate) struct Tokens;

#[async_trait]
impl Service for Tokens {
    const NAME: &'static str = "tokens";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let swept = sweep_tokens(&context.store.db(), BATCH).await?;
        SchedulerStats::add(
            &context.stats.rows_swept,
            usize::try_from(swept).unwrap_or(usize::MAX),
        );
        Ok(Pace::After(if swept < BATCH { IDLE } else { BUSY }))
    }
}
