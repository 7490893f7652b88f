//! What people read: one statement over live and ended (P11), scoped to a tenant.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{PostgresStore, error::store_error};
use crate::{ReadStore, RunFilter, RunId, RunState, RunView, StoreError, TenantId, Timestamp, WorkflowId};

/// Ids hold the time at which they were made, by the clock of whoever made them; a filter by time of acceptance
/// reads the range of ids around it, this much wider.
const ID_SLACK_MILLIS: u64 = 3_600_000;

const RUN: &str = "
SELECT r.*, w.namespace, w.name, w.version FROM (
    SELECT id, tenant_id, workflow_id, state, priority, epoch, created_at, due, started_at, NULL::int8 AS ended_at,
           error, input, output
    FROM (SELECT *, NULL::bytea AS error, NULL::bytea AS output FROM live) AS l WHERE id = $2 AND tenant_id = $1
    UNION ALL
    SELECT id, tenant_id, workflow_id, state, priority, epoch, created_at, due, started_at, ended_at,
           error, input, output
    FROM ended WHERE id = $2 AND tenant_id = $1
) AS r JOIN workflows w ON w.id = r.workflow_id
LIMIT 1";

/// Newest first, each arm limited by itself.
const RUNS: &str = "
SELECT r.*, NULL::bytea, NULL::bytea, w.namespace, w.name, w.version FROM (
    (SELECT id, tenant_id, workflow_id, state, priority, epoch, created_at, due, started_at, NULL::int8 AS ended_at,
            NULL::bytea AS error
     FROM live
     WHERE $11 AND tenant_id = $1 AND id < $2 AND id >= $3 AND created_at >= $4 AND created_at < $5 AND state = ANY ($6)
       AND ($7::text IS NULL OR workflow_id = ANY (ARRAY(
            SELECT id FROM workflows
            WHERE tenant_id = $1 AND namespace = $7 AND name = $8 AND ($9::text IS NULL OR version = $9))))
     ORDER BY id DESC LIMIT $10)
    UNION ALL
    (SELECT id, tenant_id, workflow_id, state, priority, epoch, created_at, due, started_at, ended_at, error
     FROM ended
     WHERE $12 AND tenant_id = $1 AND id < $2 AND id >= $3 AND created_at >= $4 AND created_at < $5 AND state = ANY ($6)
       AND ($7::text IS NULL OR workflow_id = ANY (ARRAY(
            SELECT id FROM workflows
            WHERE tenant_id = $1 AND namespace = $7 AND name = $8 AND ($9::text IS NULL OR version = $9))))
     ORDER BY id DESC LIMIT $10)
) AS r JOIN workflows w ON w.id = r.workflow_id
ORDER BY r.id DESC LIMIT $10";

/// An array of JSON arrays: the packed journal, or what was packed before a retry and then the rows.
const JOURNAL: &str = "
SELECT ARRAY[journal] FROM ended WHERE id = $2 AND tenant_id = $1
UNION ALL
SELECT array_remove(ARRAY[l.history], NULL) || ARRAY(SELECT body FROM journal WHERE run_id = l.id ORDER BY seq)
FROM live l WHERE l.id = $2 AND l.tenant_id = $1
LIMIT 1";

/// Each id is looked up by itself, which reads one range of each class.
const ENDED_AMONG: &str = "
SELECT r.id FROM unnest($1::uuid[]) AS r (id)
WHERE (SELECT true FROM ended e WHERE e.id = r.id LIMIT 1)";

fn state(code: i16) -> Result<RunState, StoreError> {
    RunState::from_code(code).ok_or_else(|| StoreError::Corrupt(format!("a run in state {code}")))
}

fn view(row: &PgRow) -> Result<RunView, StoreError> {
    let state = state(row.try_get(3).map_err(store_error)?)?;
    let view = || -> Result<RunView, sqlx::Error> {
        Ok(RunView {
            id: RunId(row.try_get(0)?),
            workflow: WorkflowId(row.try_get(2)?),
            state,
            priority: row.try_get(4)?,
            epoch: row.try_get(5)?,
            created_at: Timestamp(row.try_get(6)?),
            run_at: row.try_get::<Option<i64>, _>(7)?.map(Timestamp),
            started_at: row.try_get::<Option<i64>, _>(8)?.map(Timestamp),
            ended_at: row.try_get::<Option<i64>, _>(9)?.map(Timestamp),
            error: row.try_get(10)?,
            input: row.try_get(11)?,
            output: row.try_get(12)?,
            namespace: row.try_get(13)?,
            name: row.try_get(14)?,
            version: row.try_get(15)?,
        })
    };
    view().map_err(store_error)
}

/// The least id that a run accepted at `from` can have.
fn least_id(from: Timestamp) -> Uuid {
    let millis = u64::try_from(from.0 / 1_000)
        .unwrap_or(0)
        .saturating_sub(ID_SLACK_MILLIS);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// One JSON array of many.
fn join(arrays: &[Vec<u8>]) -> Result<Vec<u8>, StoreError> {
    let mut joined = vec![b'['];
    for array in arrays {
        let inner = array
            .trim_ascii()
            .strip_prefix(b"[")
            .and_then(|rest| rest.strip_suffix(b"]"));
        let inner = inner.ok_or_else(|| StoreError::Corrupt("a journal row is not an array".to_owned()))?;
        if !inner.trim_ascii().is_empty() {
            if joined.len() > 1 {
                joined.push(b',');
            }
            joined.extend_from_slice(inner);
        }
    }
    joined.push(b']');
    Ok(joined)
}

#[async_trait]
impl ReadStore for PostgresStore {
    async fn run(&self, tenant: TenantId, id: RunId) -> Result<Option<RunView>, StoreError> {
        let row = sqlx::query(RUN)
            .bind(tenant.0)
            .bind(id.0)
            .fetch_optional(&self.reads)
            .await;
        row.map_err(store_error)?.as_ref().map(view).transpose()
    }

    async fn runs(
        &self,
        tenant: TenantId,
        filter: &RunFilter,
        limit: i64,
    ) -> Result<Vec<RunView>, StoreError> {
        let (live, ended) = filter.arms();
        let states: Vec<_> = match filter.states.as_slice() {
            [] => (0..=6).collect(),
            some => some.iter().map(|state| state.code()).collect(),
        };
        let (namespace, name) = filter
            .workflow
            .as_ref()
            .map(|(namespace, name)| (namespace, name))
            .unzip();
        let query = sqlx::query(RUNS)
            .bind(tenant.0)
            .bind(filter.before.map_or(Uuid::max(), |run| run.0))
            .bind(filter.created_from.map_or(Uuid::nil(), least_id))
            .bind(filter.created_from.map_or(i64::MIN, |from| from.0))
            .bind(filter.created_to.map_or(i64::MAX, |to| to.0))
            .bind(states)
            .bind(namespace)
            .bind(name)
            .bind(&filter.version)
            .bind(limit)
            .bind(live)
            .bind(ended);
        let rows = query.fetch_all(&self.reads).await.map_err(store_error)?;
        rows.iter().map(view).collect()
    }

    async fn journal(&self, tenant: TenantId, id: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar(JOURNAL).bind(tenant.0).bind(id.0);
        let arrays: Option<Vec<Vec<u8>>> = query.fetch_optional(&self.reads).await.map_err(store_error)?;
        match arrays.as_deref() {
            None => Ok(None),
            // As it was packed, byte for byte.
            Some([packed]) => Ok(Some(packed.clone())),
            Some(rows) => join(rows).map(Some),
        }
    }

    async fn ended_among(&self, ids: &[RunId]) -> Result<Vec<RunId>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|run| run.0).collect();
        let query = sqlx::query_scalar(ENDED_AMONG).bind(ids);
        let ended: Vec<Uuid> = query.fetch_all(&self.reads).await.map_err(store_error)?;
        Ok(ended.into_iter().map(RunId).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journal_rows_are_joined_into_one_array() {
        let join = |rows: &[&str]| {
            let rows: Vec<_> = rows.iter().map(|row| row.as_bytes().to_vec()).collect();
            join(&rows)
                .ok()
                .map(|joined| String::from_utf8_lossy(&joined).into_owned())
        };
        assert_eq!(join(&[]).as_deref(), Some("[]"));
        assert_eq!(join(&["[1]", " [ ] ", "[2,3]"]).as_deref(), Some("[1,2,3]"));
        assert_eq!(join(&["{}"]), None);
    }
}
