//! Worker processes: once dead, dead for ever.

use super::{error::store_error, line::Line};
use crate::{StoreError, WorkerId, WorkerInfo};

/// Ids are never reused: a repeat does nothing, a dead worker stays dead.
const REGISTER: &str = "
INSERT INTO workers (id, name, version, slots, registered_at, beat_at)
VALUES ($1, $2, $3, $4, now_us(), now_us()) ON CONFLICT DO NOTHING";

const BEAT: &str = "UPDATE workers SET beats = beats + 1, busy = $2, beat_at = now_us() WHERE id = $1 AND alive RETURNING true";

const RETIRE: &str = "UPDATE workers SET alive = false, busy = 0 WHERE id = $1";

pub(super) async fn register(line: &Line, worker: WorkerId, info: &WorkerInfo) -> Result<(), StoreError> {
    let query = sqlx::query(REGISTER)
        .bind(worker.0)
        .bind(&info.name)
        .bind(&info.version)
        .bind(info.slots);
    query.execute(line).await.map(drop).map_err(store_error)
}

pub(super) async fn beat(line: &Line, worker: WorkerId, busy: i32) -> Result<bool, StoreError> {
    let beaten: Option<bool> = sqlx::query_scalar(BEAT)
        .bind(worker.0)
        .bind(busy)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    Ok(beaten.is_some())
}

pub(super) async fn retire(line: &Line, worker: WorkerId) -> Result<(), StoreError> {
    sqlx::query(RETIRE)
        .bind(worker.0)
        .execute(line)
        .await
        .map(drop)
        .map_err(store_error)
}
