//! Worker processes: their beats and their end. A row that is not alive never is again.

use super::writer::Tx;
use super::{SqliteStore, get};
use crate::{Beat, StoreError, WorkerId, WorkerInfo};

impl SqliteStore {
    /// A repeat, and an id that was used before, change nothing.
    pub(super) async fn register(&self, worker: WorkerId, info: &WorkerInfo) -> Result<(), StoreError> {
        let info = info.clone();
        self.write(1, move |tx| {
            Box::pin(async move {
                let now = tx.now;
                let insert = sqlx::query(
                    "INSERT INTO workers (id, name, version, slots, registered_at, beat_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING",
                );
                let insert = insert
                    .bind(worker.0)
                    .bind(info.name)
                    .bind(info.version)
                    .bind(info.slots)
                    .bind(now.0);
                tx.execute(insert).await.map(drop)
            })
        })
        .await
    }

    pub(super) async fn raise_beat(&self, worker: WorkerId, busy: i32) -> Result<bool, StoreError> {
        self.write(1, move |tx| {
            Box::pin(async move {
                let now = tx.now;
                let update = sqlx::query(
                    "UPDATE workers SET beats = beats + 1, busy = ?2, beat_at = ?3 WHERE id = ?1 AND alive = 1",
                );
                let beaten = tx.execute(update.bind(worker.0).bind(busy).bind(now.0)).await?;
                Ok(beaten.rows_affected() == 1)
            })
        })
        .await
    }

    pub(super) async fn retire(&self, worker: WorkerId) -> Result<(), StoreError> {
        self.write(1, move |tx| {
            Box::pin(async move {
                let update = sqlx::query("UPDATE workers SET alive = 0, busy = 0 WHERE id = ?1");
                tx.execute(update.bind(worker.0)).await.map(drop)
            })
        })
        .await
    }

    pub(super) async fn living(&self) -> Result<Vec<Beat>, StoreError> {
        let select = sqlx::query("SELECT id, beats, slots, busy FROM workers WHERE alive = 1 ORDER BY id");
        let beat = |row| {
            Ok(Beat {
                worker: WorkerId(get(row, 0)?),
                beats: get(row, 1)?,
                slots: get(row, 2)?,
                busy: get(row, 3)?,
            })
        };
        self.read(select).await?.iter().map(beat).collect()
    }

    /// What an earlier process left: its workers are dead, and it leads no more. The lock on the folder proves that it
    /// has ended, so nobody has to wait for its leases to run out.
    ///
    /// # Errors
    /// The database cannot be written.
    pub async fn inherit(&self) -> Result<(), StoreError> {
        self.write(1, |tx| {
            Box::pin(async move {
                let bury = sqlx::query("UPDATE workers SET alive = 0, busy = 0 WHERE alive = 1");
                tx.execute(bury).await?;
                let vacate = sqlx::query("UPDATE leader SET holder = NULL, expires_at = 0");
                tx.execute(vacate).await.map(drop)
            })
        })
        .await
    }
}

/// Declares a worker dead that has not beaten since; whether it did.
pub(super) async fn bury(tx: &mut Tx, worker: WorkerId, beats: i64) -> Result<bool, StoreError> {
    let update = sqlx::query("UPDATE workers SET alive = 0 WHERE id = ?1 AND alive = 1 AND beats = ?2");
    Ok(tx
        .execute(update.bind(worker.0).bind(beats))
        .await?
        .rows_affected()
        == 1)
}
