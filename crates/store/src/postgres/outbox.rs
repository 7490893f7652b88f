//! The outbox (P13): leased, sent, then deleted.

use levqor_trace::TraceContext;
use uuid::Uuid;

use super::{
    error::store_error,
    line::Line,
    rows::{lead, led},
};
use crate::{OutboxKind, OutboxRow, RunId, StoreError, TenantId};

/// Only a run's oldest row is taken. Its due time is pushed by 10 s, 20 s, … to 1 hour 25 minutes; it is compared
/// again under the row's lock, so that two callers do not lease one row.
const LEASE: &str = concat!(
    "WITH ",
    lead!(),
    ", oldest AS MATERIALIZED (
    SELECT o.id FROM outbox o
    WHERE o.due <= now_us() AND EXISTS (SELECT FROM lead)
      AND o.id = (SELECT p.id FROM outbox p WHERE p.run_id = o.run_id ORDER BY p.epoch, p.seq, p.ord LIMIT 1)
    ORDER BY o.due LIMIT $2
), leased AS (
    UPDATE outbox SET due = now_us() + 10000000 * (1 << least(attempts, 9))::int8, attempts = attempts + 1
    WHERE id = ANY (ARRAY(SELECT id FROM oldest)) AND due <= now_us()
    RETURNING id, tenant_id, run_id, epoch, kind, target, body, attempts, trace
) SELECT l.id, l.tenant_id, l.run_id, l.epoch, l.kind, l.target, l.body, l.attempts, l.trace
FROM lead LEFT JOIN leased l ON true"
);

const DELETE: &str = "DELETE FROM outbox WHERE id = ANY ($1::int8[])";

/// A leased row or nulls.
type Leased = (
    Option<i64>,
    Option<Uuid>,
    Option<Uuid>,
    Option<i32>,
    Option<i16>,
    Option<String>,
    Option<Vec<u8>>,
    Option<i32>,
    Option<Vec<u8>>,
);

pub(super) async fn lease(line: &Line, term: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
    let rows: Vec<Leased> = sqlx::query_as(LEASE)
        .bind(term)
        .bind(limit)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    led(term, rows.into_iter().map(read).collect())?
        .into_iter()
        .collect()
}

fn read(
    (id, tenant, run, epoch, kind, target, body, attempts, trace): Leased,
) -> Option<Result<OutboxRow, StoreError>> {
    let (id, kind) = (id?, kind?);
    let Some(kind) = OutboxKind::from_i16(kind) else {
        return Some(Err(StoreError::Corrupt(format!(
            "outbox row {id} of kind {kind}"
        ))));
    };
    let (tenant, run) = (TenantId(tenant?), RunId(run?));
    Some(Ok(OutboxRow {
        id,
        tenant,
        run,
        epoch: epoch?,
        kind,
        target,
        body: body?,
        trace: trace.as_deref().and_then(TraceContext::from_bytes),
        attempts: attempts?,
    }))
}

pub(super) async fn delete(line: &Line, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query(DELETE)
        .bind(ids)
        .execute(line)
        .await
        .map(drop)
        .map_err(store_error)
}
