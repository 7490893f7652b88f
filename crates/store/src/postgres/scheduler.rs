//! [`SchedulerStore`]: which statement on which line.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    PostgresStore, expire, ingest, lead, outbox, partitions, ready, rescue, schedules, settings, sweep,
    timers, vacuum,
};
use crate::{
    Beat, NewRun, OutboxRow, Ready, RunId, ScheduleRow, SchedulerStore, StoreError, Timestamp, WorkerId,
};

#[async_trait]
impl SchedulerStore for PostgresStore {
    async fn lead(&self, holder: WorkerId, lease: Duration) -> Result<Option<i64>, StoreError> {
        lead::lead(&self.pulse, holder, lease).await
    }

    async fn abdicate(&self, holder: WorkerId) -> Result<(), StoreError> {
        lead::abdicate(&self.pulse, holder).await
    }

    async fn fire_timers(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
        timers::fire(&self.service, term, limit).await
    }

    async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        timers::next(&self.service).await
    }

    async fn any_ready(&self) -> Result<bool, StoreError> {
        ready::any(&self.service).await
    }

    async fn ready(&self, priority: i16, floor: Option<RunId>, limit: i64) -> Result<Vec<Ready>, StoreError> {
        ready::ready(&self.service, priority, floor, limit).await
    }

    async fn beats(&self) -> Result<Vec<Beat>, StoreError> {
        rescue::beats(&self.pulse).await
    }

    async fn bury(&self, term: i64, worker: WorkerId, beats: i64) -> Result<bool, StoreError> {
        rescue::bury(&self.pulse, term, worker, beats).await
    }

    async fn rescue(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError> {
        rescue::rescue(&self.service, term, limit).await
    }

    async fn due_schedules(&self, limit: i64) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError> {
        schedules::due(&self.service, limit).await
    }

    async fn next_schedule(&self) -> Result<Option<Timestamp>, StoreError> {
        schedules::next(&self.service).await
    }

    async fn tick(
        &self,
        term: i64,
        schedule: i64,
        due: Timestamp,
        next: Option<Timestamp>,
        runs: &[NewRun],
    ) -> Result<bool, StoreError> {
        schedules::tick(&self.service, term, schedule, due, next, runs).await
    }

    async fn lease_outbox(&self, term: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        outbox::lease(&self.service, term, limit).await
    }

    async fn delete_outbox(&self, ids: &[i64]) -> Result<(), StoreError> {
        outbox::delete(&self.service, ids).await
    }

    async fn continue_events(&self, term: i64) -> Result<Vec<Ready>, StoreError> {
        ingest::go_on(&self.service, term).await
    }

    async fn sweep(&self, term: i64, limit: i64) -> Result<u64, StoreError> {
        settings::watch_oldest(&self.service).await?;
        sweep::sweep(&self.service, &self.strays, term, limit).await
    }

    async fn vacuum(&self) -> Result<bool, StoreError> {
        vacuum::vacuum(&self.reads).await
    }

    async fn ensure_partitions(&self, term: i64) -> Result<(), StoreError> {
        partitions::ensure(&self.service, term).await
    }

    async fn drop_expired_partitions(&self, term: i64) -> Result<Vec<String>, StoreError> {
        partitions::drop_expired(&self.service, term).await
    }

    async fn expire_runs(&self, term: i64, limit: i64) -> Result<u64, StoreError> {
        expire::runs(&self.service, term, limit).await
    }
}
