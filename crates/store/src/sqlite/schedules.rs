//! Schedules: when they are due, and the tick that moves them.

use super::insert::NewRuns;
use super::writer::Tx;
use super::{SqliteStore, get};
use crate::{NewRun, ScheduleRow, StoreError, TenantId, Timestamp, WorkflowId};

const DUE: &str = "
SELECT id, tenant_id, namespace || '/' || name, workflow_id, spec, next_due FROM schedules
WHERE next_due <= ?1 ORDER BY next_due, id LIMIT ?2";

const KNOWN: &str = "SELECT 1 FROM live WHERE id = ?1 UNION ALL SELECT 1 FROM ended WHERE id = ?1";

/// Moves the schedule from `due` to `next` with the runs it starts; false when another did.
pub(super) async fn tick(
    tx: &mut Tx,
    schedule: i64,
    due: Timestamp,
    next: Option<Timestamp>,
    runs: &[NewRun],
) -> Result<bool, StoreError> {
    let update = sqlx::query("UPDATE schedules SET next_due = ?3 WHERE id = ?1 AND next_due = ?2");
    let moved = tx
        .execute(update.bind(schedule).bind(due.0).bind(next.map(|at| at.0)))
        .await?
        .rows_affected();
    if moved == 1 {
        let mut fresh = Vec::new();
        for run in runs {
            // A tick's run has one id for ever: a schedule put back to a due time that was served starts nothing twice.
            if tx.all(sqlx::query(KNOWN).bind(run.id.0)).await?.is_empty() {
                fresh.push(run.clone());
            }
        }
        NewRuns::new(&fresh).insert(tx, false).await?;
    }
    Ok(moved == 1)
}

impl SqliteStore {
    pub(super) async fn schedules_due(
        &self,
        limit: i64,
    ) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError> {
        let now = self.clock.now();
        let schedule = |row| {
            Ok(ScheduleRow {
                id: get(row, 0)?,
                tenant: TenantId(get(row, 1)?),
                workflow_name: get(row, 2)?,
                workflow: WorkflowId(get(row, 3)?),
                spec: get(row, 4)?,
                next_due: Timestamp(get(row, 5)?),
            })
        };
        let rows = self.read(sqlx::query(DUE).bind(now.0).bind(limit)).await?;
        Ok((now, rows.iter().map(schedule).collect::<Result<_, StoreError>>()?))
    }
}
