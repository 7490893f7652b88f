//! Deletes ended runs whose time is over: partitions whole (P12), and what cannot go so row by row. Legal holds and the
//! tenants' own periods are the store's to respect.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Rows of one delete.
const BATCH: i64 = 1_000;

/// How often partitions are looked at.
const PAUSE: Duration = Duration::from_hours(1);

/// How often rows are looked for once none was left: on Postgres that may read whole partitions.
const REST: Duration = Duration::from_hours(24);

/// Lets others work between two full batches.
const BUSY: Duration = Duration::from_millis(100);

#[derive(Default)]
pub(crate) struct Expiry {
    /// When partitions were looked at.
    dropped: Option<Instant>,
    /// When rows were looked for and none was left.
    clean: Option<Instant>,
}

#[async_trait]
impl Service for Expiry {
    const NAME: &'static str = "expiry";

    /// Partitions first: what goes with them need not be deleted row by row.
    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        if due(self.dropped, PAUSE) {
            for partition in context.store.drop_expired_partitions(context.term).await? {
                tracing::info!(partition, "dropped");
            }
            self.dropped = Some(Instant::now());
        }
        if due(self.clean, REST) {
            if delete_rows(context).await? == BATCH.unsigned_abs() {
                return Ok(Pace::After(BUSY));
            }
            self.clean = Some(Instant::now());
        }
        Ok(Pace::After(PAUSE))
    }
}

fn due(last: Option<Instant>, pause: Duration) -> bool {
    last.is_none_or(|at| at.elapsed() >= pause)
}

async fn delete_rows(context: &Context) -> Result<u64, StoreError> {
    let gone = context.store.expire_runs(context.term, BATCH).await?;
    let counted = usize::try_from(gone).unwrap_or(usize::MAX);
    SchedulerStats::add(&context.stats.rows_swept, counted);
    Ok(gone)
}
