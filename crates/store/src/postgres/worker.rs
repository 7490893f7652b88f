//! [`WorkerStore`]: which statement on which line.

use async_trait::async_trait;

use super::{PostgresStore, append, beat, claim, end, park, release};
use crate::{
    Append, ClaimRequest, ClaimedRun, End, InboxRow, Park, RunId, StoreError, WorkerId, WorkerInfo,
    WorkerStore, WriteFate,
};

#[async_trait]
impl WorkerStore for PostgresStore {
    async fn claim(&self, worker: WorkerId, wanted: &[ClaimRequest]) -> Result<Vec<ClaimedRun>, StoreError> {
        claim::claim(&self.hot, worker, wanted).await
    }

    async fn append(&self, appends: &[Append]) -> Result<Vec<WriteFate>, StoreError> {
        append::append(&self.hot, appends).await
    }

    async fn park(&self, parks: &[Park]) -> Result<Vec<WriteFate>, StoreError> {
        park::park(&self.hot, parks).await
    }

    async fn end(&self, ends: &[End]) -> Result<Vec<WriteFate>, StoreError> {
        end::end(&self.hot, ends).await
    }

    async fn release(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError> {
        release::release(&self.hot, runs).await
    }

    async fn inbox_counts(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError> {
        release::inbox_counts(&self.reads, runs).await
    }

    async fn inbox_after(&self, run: RunId, n: i32) -> Result<Vec<InboxRow>, StoreError> {
        release::inbox_after(&self.reads, run, n).await
    }

    async fn register_worker(&self, worker: WorkerId, info: &WorkerInfo) -> Result<(), StoreError> {
        beat::register(&self.pulse, worker, info).await
    }

    async fn beat(&self, worker: WorkerId, busy: i32) -> Result<bool, StoreError> {
        beat::beat(&self.pulse, worker, busy).await
    }

    async fn retire_worker(&self, worker: WorkerId) -> Result<(), StoreError> {
        beat::retire(&self.pulse, worker).await
    }

    async fn owned(&self, worker: WorkerId) -> Result<Vec<(RunId, i32)>, StoreError> {
        release::owned(&self.reads, worker).await
    }
}
