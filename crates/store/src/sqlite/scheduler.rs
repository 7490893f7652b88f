//! What the leader does. Each write begins with the check of its term (P9).

use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;

use super::writer::Tx;
use super::{SqliteStore, events, expire, get, leader, outbox, rescue, schedules, timers, workers};
use crate::{
    Beat, NewRun, OutboxRow, Ready, RunId, ScheduleRow, SchedulerStore, StoreError, Timestamp, WorkerId,
};

impl SqliteStore {
    /// A write under a term, of about `rows` rows.
    async fn led<T: Send + 'static>(
        &self,
        term: i64,
        rows: i64,
        work: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write(usize::try_from(rows).unwrap_or(0), move |tx| {
            Box::pin(async move {
                leader::check(tx, term).await?;
                work(tx).await
            })
        })
        .await
    }

    /// The earliest time that `sql` selects, if any.
    async fn earliest(&self, sql: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let row = self.read_first(sqlx::query(sql)).await?;
        let at: Option<i64> = row.map(|row| get(&row, 0)).transpose()?.flatten();
        Ok(at.map(Timestamp))
    }
}

#[async_trait]
impl SchedulerStore for SqliteStore {
    async fn lead(&self, holder: WorkerId, lease: Duration) -> Result<Option<i64>, StoreError> {
        self.write(1, move |tx| {
            Box::pin(async move { leader::lead(tx, holder, lease).await })
        })
        .await
    }

    async fn abdicate(&self, holder: WorkerId) -> Result<(), StoreError> {
        self.write(1, move |tx| {
            Box::pin(async move { leader::abdicate(tx, holder).await })
        })
        .await
    }

    async fn fire_timers(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
        self.led(term, limit, move |tx| {
            Box::pin(async move { timers::fire(tx, limit).await })
        })
        .await
    }

    async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        self.earliest("SELECT min(due) FROM timers").await
    }

    async fn any_ready(&self) -> Result<bool, StoreError> {
        self.is_any_ready().await
    }

    async fn ready(&self, priority: i16, floor: Option<RunId>, limit: i64) -> Result<Vec<Ready>, StoreError> {
        self.ready_after(priority, floor, limit).await
    }

    async fn beats(&self) -> Result<Vec<Beat>, StoreError> {
        self.living().await
    }

    async fn bury(&self, term: i64, worker: WorkerId, beats: i64) -> Result<bool, StoreError> {
        self.led(term, 1, move |tx| {
            Box::pin(async move { workers::bury(tx, worker, beats).await })
        })
        .await
    }

    async fn rescue(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
        self.led(term, limit, move |tx| {
            Box::pin(async move { rescue::rescue(tx, limit).await })
        })
        .await
    }

    async fn due_schedules(&self, limit: i64) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError> {
        self.schedules_due(limit).await
    }

    async fn next_schedule(&self) -> Result<Option<Timestamp>, StoreError> {
        self.earliest("SELECT min(next_due) FROM schedules WHERE next_due IS NOT NULL")
            .await
    }

    async fn tick(
        &self,
        term: i64,
        schedule: i64,
        due: Timestamp,
        next: Option<Timestamp>,
        runs: &[NewRun],
    ) -> Result<bool, StoreError> {
        let runs = runs.to_vec();
        let rows = i64::try_from(runs.len()).unwrap_or(i64::MAX);
        self.led(term, rows, move |tx| {
            Box::pin(async move { schedules::tick(tx, schedule, due, next, &runs).await })
        })
        .await
    }

    async fn lease_outbox(&self, term: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        self.led(term, limit, move |tx| {
            Box::pin(async move { outbox::lease(tx, limit).await })
        })
        .await
    }

    async fn delete_outbox(&self, ids: &[i64]) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        self.write(ids.len(), move |tx| {
            Box::pin(async move { outbox::delete(tx, &ids).await })
        })
        .await
    }

    async fn continue_events(&self, term: i64) -> Result<Vec<Ready>, StoreError> {
        self.led(term, 0, move |tx| {
            Box::pin(async move { events::go_on(tx).await })
        })
        .await
    }

    async fn sweep(&self, term: i64, limit: i64) -> Result<u64, StoreError> {
        let sweep = self.plan_sweep().await?;
        self.led(term, limit, move |tx| {
            Box::pin(async move { sweep.run(tx, limit).await })
        })
        .await
    }

    async fn vacuum(&self) -> Result<bool, StoreError> {
        // A row that is deleted here leaves nothing behind that a reader passes over.
        Ok(true)
    }

    async fn ensure_partitions(&self, term: i64) -> Result<(), StoreError> {
        // One table here (P15): only the term is checked.
        self.led(term, 0, |_| Box::pin(async { Ok(()) })).await
    }

    async fn drop_expired_partitions(&self, term: i64) -> Result<Vec<String>, StoreError> {
        self.led(term, 0, |_| Box::pin(async { Ok(Vec::new()) })).await
    }

    async fn expire_runs(&self, term: i64, limit: i64) -> Result<u64, StoreError> {
        self.led(term, limit, move |tx| {
            Box::pin(async move { expire::runs(tx, limit).await })
        })
        .await
    }
}
