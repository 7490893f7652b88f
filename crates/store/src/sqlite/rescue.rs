//! Freeing what the dead hold, and what the relay may offer.

use sqlx::sqlite::SqliteRow;

use super::writer::Tx;
use super::{SqliteStore, get};
use crate::{Ready, RunId, StoreError};

/// All running rows whose worker is not alive, known or not (P10). Running rows are ready: the partial index has them.
const RESCUE: &str = "
UPDATE live SET state = 0, deaths = deaths + 1, worker = NULL, token = NULL
WHERE id IN (
    SELECT l.id FROM live AS l INDEXED BY live_ready
    WHERE l.ready = 1 AND l.state = 1
      AND NOT EXISTS (SELECT 1 FROM workers AS w WHERE w.id = l.worker AND w.alive = 1)
    LIMIT ?1)
RETURNING id, epoch, priority";

const READY: &str = "
SELECT id, epoch, priority FROM live INDEXED BY live_ready
WHERE ready = 1 AND priority = ?1 AND id > ?2 AND state = 0
ORDER BY id LIMIT ?3";

const ANY: &str = "SELECT 1 FROM live INDEXED BY live_ready WHERE ready = 1 AND state = 0 LIMIT 1";

pub(super) async fn rescue(tx: &mut Tx, limit: i64) -> Result<Vec<Ready>, StoreError> {
    tx.all(sqlx::query(RESCUE).bind(limit))
        .await?
        .iter()
        .map(ready)
        .collect()
}

impl SqliteStore {
    pub(super) async fn is_any_ready(&self) -> Result<bool, StoreError> {
        Ok(!self.read(sqlx::query(ANY)).await?.is_empty())
    }

    pub(super) async fn ready_after(
        &self,
        priority: i16,
        floor: Option<RunId>,
        limit: i64,
    ) -> Result<Vec<Ready>, StoreError> {
        // Every id is greater than no bytes.
        let floor = floor.map(|run| run.0.as_bytes().to_vec()).unwrap_or_default();
        let select = sqlx::query(READY).bind(priority).bind(floor).bind(limit);
        self.read(select).await?.iter().map(ready).collect()
    }
}

fn ready(row: &SqliteRow) -> Result<Ready, StoreError> {
    Ok(Ready {
        run: RunId(get(row, 0)?),
        epoch: get(row, 1)?,
        priority: get(row, 2)?,
    })
}
