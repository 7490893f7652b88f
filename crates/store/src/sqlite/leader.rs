//! The leader lease and its terms (P9).

use std::time::Duration;

use super::get;
use super::writer::Tx;
use crate::{StoreError, WorkerId};

/// A holder keeps its term as long as nobody else has taken the lease; a new holder begins a new one.
const LEAD: &str = "
UPDATE leader SET term = term + (holder IS NOT ?1), holder = ?1, expires_at = ?3
WHERE holder = ?1 OR holder IS NULL OR expires_at <= ?2
RETURNING term";

pub(super) async fn lead(tx: &mut Tx, holder: WorkerId, lease: Duration) -> Result<Option<i64>, StoreError> {
    let now = tx.now;
    let update = sqlx::query(LEAD)
        .bind(holder.0)
        .bind(now.0)
        .bind(now.after(lease).0);
    tx.first(update).await?.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn abdicate(tx: &mut Tx, holder: WorkerId) -> Result<(), StoreError> {
    let update = sqlx::query("UPDATE leader SET holder = NULL, expires_at = 0 WHERE holder = ?1");
    tx.execute(update.bind(holder.0)).await.map(drop)
}

/// Refuses what is written under a term that is over.
pub(super) async fn check(tx: &mut Tx, term: i64) -> Result<(), StoreError> {
    let current = tx
        .first(sqlx::query("SELECT 1 FROM leader WHERE term = ?1").bind(term))
        .await?;
    current.map(drop).ok_or(StoreError::NotLeader(term))
}
