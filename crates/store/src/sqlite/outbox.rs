//! Leasing messages to send (P13).

use levqor_trace::TraceContext;
use sqlx::sqlite::SqliteRow;

use super::get;
use super::writer::Tx;
use crate::{OutboxKind, OutboxRow, RunId, StoreError, TenantId};

/// How long the first try has the row for itself, in microseconds; each further try has twice as long.
const BACKOFF: i64 = 10_000_000;
/// Doublings at most.
const DOUBLINGS: i64 = 9;

const LEASE: &str = "
UPDATE outbox SET attempts = attempts + 1, due = ?1 + (?3 << min(attempts, ?4))
WHERE id IN (
    SELECT o.id FROM outbox AS o
    WHERE o.due <= ?1
      AND NOT EXISTS (SELECT 1 FROM outbox AS p WHERE p.run_id = o.run_id AND p.id < o.id)
    ORDER BY o.due, o.id LIMIT ?2)
RETURNING id, tenant_id, run_id, epoch, kind, target, body, attempts, trace";

pub(super) async fn lease(tx: &mut Tx, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
    let now = tx.now;
    let update = sqlx::query(LEASE)
        .bind(now.0)
        .bind(limit)
        .bind(BACKOFF)
        .bind(DOUBLINGS);
    tx.all(update).await?.iter().map(outbox_row).collect()
}

/// Removes rows by id.
pub(super) async fn delete(tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    let list = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let delete = sqlx::query("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?1))");
    tx.execute(delete.bind(format!("[{list}]"))).await.map(drop)
}

fn outbox_row(row: &SqliteRow) -> Result<OutboxRow, StoreError> {
    let kind: i16 = get(row, 4)?;
    Ok(OutboxRow {
        id: get(row, 0)?,
        tenant: TenantId(get(row, 1)?),
        run: RunId(get(row, 2)?),
        epoch: get(row, 3)?,
        kind: OutboxKind::from_i16(kind)
            .ok_or_else(|| StoreError::Corrupt(format!("an outbox row of kind {kind}")))?,
        target: get(row, 5)?,
        body: get(row, 6)?,
        trace: get::<Option<&[u8]>, _>(row, 8)?.and_then(TraceContext::from_bytes),
        attempts: get(row, 7)?,
    })
}
