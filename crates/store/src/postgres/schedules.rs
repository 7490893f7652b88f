//! Schedules: a tick, its runs and the next due time commit together (P9).

use uuid::Uuid;

use super::{
    error::store_error,
    intake::{RunColumns, bind_runs, new_runs, start_timers},
    line::Line,
    rows::lead,
};
use crate::{NewRun, ScheduleRow, StoreError, TenantId, Timestamp, WorkflowId};

/// The clock comes with the rows, also when there are none.
const DUE: &str = "
SELECT now_us(), s.* FROM (SELECT) AS once LEFT JOIN LATERAL (
    SELECT id, tenant_id, namespace || '/' || name, workflow_id, spec, next_due FROM schedules
    WHERE next_due <= now_us() ORDER BY next_due LIMIT $1
) AS s ON true";

const NEXT: &str = "SELECT next_due FROM schedules WHERE next_due IS NOT NULL ORDER BY next_due LIMIT 1";

/// Everything derives from the schedule's row, compared with the due time that was seen.
const TICK: &str = concat!(
    "WITH ",
    lead!(),
    ", moved AS (
    UPDATE schedules SET next_due = $4
    WHERE id = $2 AND next_due = $3 AND EXISTS (SELECT FROM lead)
    RETURNING now_us() AS at
), ",
    new_runs!(
        "moved",
        "moved.at",
        // A tick's run has one id for ever: a schedule put back to a due time that was served starts nothing twice.
        "NOT r.keyed AND NOT EXISTS (SELECT FROM live AS l WHERE l.id = r.id)
      AND NOT EXISTS (SELECT FROM ended AS e WHERE e.id = r.id)",
        "($5::uuid[], $6::uuid[], $7::uuid[], $8::int2[], $9::int8[], $10::text[], $11::bytea[], $12::bool[],
          $13::uuid[], $14::bytea[])"
    ),
    start_timers!(),
    " SELECT EXISTS (SELECT FROM moved) FROM lead"
);

/// The clock, then a schedule or nulls.
type Due = (
    i64,
    Option<i64>,
    Option<Uuid>,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<i64>,
);

pub(super) async fn due(line: &Line, limit: i64) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError> {
    let rows: Vec<Due> = sqlx::query_as(DUE)
        .bind(limit)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let now = rows.first().map(|row| row.0);
    let now = now.ok_or_else(|| StoreError::Corrupt("the clock gave no row".to_owned()))?;
    let read = |(_, id, tenant, name, workflow, spec, due): Due| {
        Some(ScheduleRow {
            id: id?,
            tenant: TenantId(tenant?),
            workflow_name: name?,
            workflow: WorkflowId(workflow?),
            spec: spec?,
            next_due: Timestamp(due?),
        })
    };
    Ok((Timestamp(now), rows.into_iter().filter_map(read).collect()))
}

pub(super) async fn next(line: &Line) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = sqlx::query_scalar(NEXT)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    Ok(due.map(Timestamp))
}

pub(super) async fn tick(
    line: &Line,
    term: i64,
    schedule: i64,
    due: Timestamp,
    next: Option<Timestamp>,
    runs: &[NewRun],
) -> Result<bool, StoreError> {
    let mut columns = RunColumns::default();
    for run in runs {
        columns.push(run, false);
    }
    let query = sqlx::query_scalar(TICK)
        .bind(term)
        .bind(schedule)
        .bind(due.0)
        .bind(next.map(|next| next.0));
    let moved = bind_runs!(query, columns)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    moved.ok_or(StoreError::NotLeader(term))
}
