//! Giving runs back, and what a worker asks about those it holds.

use uuid::Uuid;

use super::{error::store_error, line::Line, rows};
use crate::{InboxRow, RunId, StoreError, WorkerId};

/// A run that is pending at this epoch already was released by an earlier try (or rescued): it is answered too, to
/// be rung again. `ready` must not stand by itself here, or the partial index can be read whole instead of by id
/// (P1 saw it).
const RELEASE: &str = "
UPDATE live SET state = 0, worker = NULL, token = NULL
WHERE id = ANY ($1::uuid[]) AND (state = 1 OR state = 0 AND ready)
  AND epoch = ($2::int4[])[array_position($1, id)]
RETURNING id, epoch";

const COUNTS: &str = "
SELECT id, inbox FROM live
WHERE id = ANY ($1::uuid[]) AND state = 1 AND epoch = ($2::int4[])[array_position($1, id)]";

const AFTER: &str = "SELECT n, kind, body, at FROM inbox WHERE run_id = $1 AND n > $2 ORDER BY n";

/// Reads only the partial index.
const OWNED: &str = "SELECT id, epoch FROM live WHERE ready AND state = 1 AND worker = $1";

pub(super) async fn release(line: &Line, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError> {
    by_epoch(line, RELEASE, runs).await
}

/// Inbox counters of runs held under these epochs.
pub(super) async fn inbox_counts(
    line: &Line,
    runs: &[(RunId, i32)],
) -> Result<Vec<(RunId, i32)>, StoreError> {
    by_epoch(line, COUNTS, runs).await
}

async fn by_epoch(
    line: &Line,
    sql: &'static str,
    runs: &[(RunId, i32)],
) -> Result<Vec<(RunId, i32)>, StoreError> {
    let (ids, epochs): (Vec<_>, Vec<_>) = runs.iter().map(|(run, epoch)| (run.0, *epoch)).unzip();
    let rows: Vec<(Uuid, i32)> = sqlx::query_as(sql)
        .bind(ids)
        .bind(epochs)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(|(id, number)| (RunId(id), number)).collect())
}

pub(super) async fn inbox_after(line: &Line, run: RunId, n: i32) -> Result<Vec<InboxRow>, StoreError> {
    let rows = sqlx::query(AFTER)
        .bind(run.0)
        .bind(n)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    rows.iter().map(|row| rows::inbox_row(row, 0)).collect()
}

pub(super) async fn owned(line: &Line, worker: WorkerId) -> Result<Vec<(RunId, i32)>, StoreError> {
    let rows: Vec<(Uuid, i32)> = sqlx::query_as(OWNED)
        .bind(worker.0)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    Ok(rows.into_iter().map(|(id, epoch)| (RunId(id), epoch)).collect())
}
