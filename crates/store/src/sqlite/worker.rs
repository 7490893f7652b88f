//! What workers write to the runs they hold.

use async_trait::async_trait;

use super::end::Ends;
use super::inbox::inbox_row;
use super::park::Parks;
use super::rows::{Cell, Rows};
use super::writer::over;
use super::{SqliteStore, append, claim, get};
use crate::{
    Append, ClaimRequest, ClaimedRun, End, InboxRow, Park, RunId, StoreError, WorkerId, WorkerInfo,
    WorkerStore, WriteFate,
};

/// A run that is pending at this epoch was released by an earlier try, or rescued: it is answered too.
const RELEASE: &str = "
UPDATE live SET state = 0, worker = NULL, token = NULL
FROM jsonb_each(?1) AS r
WHERE live.id = substr(?2, r.value ->> 0, 16) AND live.epoch = r.value ->> 1 AND live.state <= 1 AND live.ready = 1
RETURNING id, epoch";

const INBOX_COUNTS: &str = "
SELECT l.id, l.inbox
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE l.state = 1 AND l.epoch = r.value ->> 1";

const OWNED: &str = "
SELECT id, epoch FROM live INDEXED BY live_ready WHERE ready = 1 AND state = 1 AND worker = ?1";

fn held(runs: &[(RunId, i32)]) -> Rows {
    let mut rows = Rows::default();
    for (run, epoch) in runs {
        rows.push(&[Cell::Id(run.0), Cell::Int((*epoch).into())]);
    }
    rows
}

fn numbered(rows: &[sqlx::sqlite::SqliteRow]) -> Result<Vec<(RunId, i32)>, StoreError> {
    rows.iter()
        .map(|row| Ok((RunId(get(row, 0)?), get(row, 1)?)))
        .collect()
}

#[async_trait]
impl WorkerStore for SqliteStore {
    async fn claim(&self, worker: WorkerId, wanted: &[ClaimRequest]) -> Result<Vec<ClaimedRun>, StoreError> {
        let rows = claim::rows(wanted);
        self.write(wanted.len(), move |tx| {
            Box::pin(async move { claim::claim(tx, worker, &rows).await })
        })
        .await
    }

    async fn append(&self, appends: &[Append]) -> Result<Vec<WriteFate>, StoreError> {
        let batch = append::batch(appends);
        self.write(appends.len(), move |tx| {
            Box::pin(async move { append::append(tx, &batch).await })
        })
        .await
    }

    async fn park(&self, parks: &[Park]) -> Result<Vec<WriteFate>, StoreError> {
        let batch = Parks::new(parks);
        self.write(parks.len(), move |tx| {
            Box::pin(async move { batch.park(tx).await })
        })
        .await
    }

    async fn end(&self, ends: &[End]) -> Result<Vec<WriteFate>, StoreError> {
        let batch = Ends::new(ends);
        self.write(ends.len(), move |tx| Box::pin(async move { batch.end(tx).await }))
            .await
    }

    async fn release(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError> {
        let rows = held(runs);
        let released = self
            .write(runs.len(), move |tx| {
                Box::pin(async move { tx.all(over(RELEASE, &rows)).await })
            })
            .await?;
        numbered(&released)
    }

    async fn inbox_counts(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError> {
        numbered(&self.read(over(INBOX_COUNTS, &held(runs))).await?)
    }

    async fn inbox_after(&self, run: RunId, n: i32) -> Result<Vec<InboxRow>, StoreError> {
        let select =
            sqlx::query("SELECT n, kind, body, at FROM inbox WHERE run_id = ?1 AND n > ?2 ORDER BY n");
        self.read(select.bind(run.0).bind(n))
            .await?
            .iter()
            .map(|row| inbox_row(row, 0))
            .collect()
    }

    async fn register_worker(&self, worker: WorkerId, info: &WorkerInfo) -> Result<(), StoreError> {
        self.register(worker, info).await
    }

    async fn beat(&self, worker: WorkerId, busy: i32) -> Result<bool, StoreError> {
        self.raise_beat(worker, busy).await
    }

    async fn retire_worker(&self, worker: WorkerId) -> Result<(), StoreError> {
        self.retire(worker).await
    }

    async fn owned(&self, worker: WorkerId) -> Result<Vec<(RunId, i32)>, StoreError> {
        numbered(&self.read(sqlx::query(OWNED).bind(worker.0)).await?)
    }
}
