//! Reads: one statement over live and ended (P11).

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;

use super::rows::Rows;
use super::writer::over;
use super::{SqliteStore, get};
use crate::{ReadStore, RunFilter, RunId, RunState, RunView, StoreError, TenantId, Timestamp, WorkflowId};

/// The columns of a view: 0..=9 from both tables, then the payloads that the caller names, each table with a condition of
/// its own beside that of both.
macro_rules! views {
    ($live:literal if $live_if:literal, $ended:literal if $ended_if:literal, $where:literal, $tail:literal) => {
        concat!(
            "SELECT r.id, r.workflow_id, w.namespace, w.name, w.version, r.state, r.priority, r.epoch,
                    r.created_at, r.due, r.started_at, r.ended_at, r.input, r.output, r.error
             FROM (SELECT id, workflow_id, state, priority, epoch, created_at, due, started_at, ",
            $live,
            " FROM live WHERE ",
            $live_if,
            " AND ",
            $where,
            " UNION ALL SELECT id, workflow_id, state, priority, epoch, created_at, due, started_at, ",
            $ended,
            " FROM ended WHERE ",
            $ended_if,
            " AND ",
            $where,
            $tail,
            ") AS r CROSS JOIN workflows AS w ON w.id = r.workflow_id"
        )
    };
}

const RUN: &str = views!(
    "NULL AS ended_at, input, NULL AS output, NULL AS error" if "true",
    "ended_at, input, output, error" if "true",
    "tenant_id = ?1 AND id = ?2",
    ""
);

const RUNS: &str = concat!(
    views!(
        "NULL AS ended_at, NULL AS input, NULL AS output, NULL AS error" if "?10",
        "ended_at, NULL AS input, NULL AS output, error" if "?11",
        "tenant_id = ?1 AND (?2 IS NULL OR id < ?2)
         AND (?3 IS NULL OR state IN (SELECT value FROM json_each(?3)))
         AND (?4 IS NULL OR workflow_id IN (
             SELECT f.id FROM workflows AS f WHERE f.tenant_id = ?1 AND f.namespace = ?4 AND f.name = ?5))
         AND (?6 IS NULL OR workflow_id IN (
             SELECT f.id FROM workflows AS f WHERE f.tenant_id = ?1 AND f.version = ?6))
         AND (?7 IS NULL OR created_at >= ?7) AND (?8 IS NULL OR created_at < ?8)",
        " ORDER BY id DESC LIMIT ?9"
    ),
    " ORDER BY r.id DESC"
);

/// The packed journal of former ends, then row by row; or the packed journal of the end.
const JOURNAL: &str = "
SELECT 0 AS seq, history AS body FROM live WHERE id = ?2 AND tenant_id = ?1
UNION ALL
SELECT j.seq, j.body FROM live AS l CROSS JOIN journal AS j ON j.run_id = l.id WHERE l.id = ?2 AND l.tenant_id = ?1
UNION ALL
SELECT -1, journal FROM ended WHERE id = ?2 AND tenant_id = ?1
ORDER BY seq";

const ENDED: &str = "
SELECT e.id FROM jsonb_each(?1) AS r CROSS JOIN ended AS e ON e.id = substr(?2, r.value ->> 0, 16)";

#[async_trait]
impl ReadStore for SqliteStore {
    async fn run(&self, tenant: TenantId, id: RunId) -> Result<Option<RunView>, StoreError> {
        let row = self
            .read_first(sqlx::query(RUN).bind(tenant.0).bind(id.0))
            .await?;
        row.as_ref().map(view).transpose()
    }

    async fn runs(
        &self,
        tenant: TenantId,
        filter: &RunFilter,
        limit: i64,
    ) -> Result<Vec<RunView>, StoreError> {
        let (live, ended) = filter.arms();
        let states: Vec<_> = filter
            .states
            .iter()
            .map(|state| state.code().to_string())
            .collect();
        let states = (!states.is_empty()).then(|| format!("[{}]", states.join(",")));
        let (namespace, name) = filter
            .workflow
            .as_ref()
            .map(|(space, name)| (space, name))
            .unzip();
        let select = sqlx::query(RUNS)
            .bind(tenant.0)
            .bind(filter.before.map(|run| run.0))
            .bind(states)
            .bind(namespace)
            .bind(name)
            .bind(filter.version.as_deref())
            .bind(filter.created_from.map(|at| at.0))
            .bind(filter.created_to.map(|at| at.0))
            .bind(limit)
            .bind(live)
            .bind(ended);
        self.read(select).await?.iter().map(view).collect()
    }

    async fn journal(&self, tenant: TenantId, id: RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.read(sqlx::query(JOURNAL).bind(tenant.0).bind(id.0)).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut bodies = Vec::new();
        for row in &rows {
            bodies.extend(get::<Option<&[u8]>, _>(row, 1)?);
        }
        match (bodies.as_slice(), get::<i64, _>(&rows[0], 0)?) {
            ([packed], -1) => Ok(Some(packed.to_vec())),
            (bodies, _) => join(bodies).map(Some),
        }
    }

    async fn ended_among(&self, ids: &[RunId]) -> Result<Vec<RunId>, StoreError> {
        let ids: Rows = ids.iter().map(|run| run.0).collect();
        self.read(over(ENDED, &ids))
            .await?
            .iter()
            .map(|row| Ok(RunId(get(row, 0)?)))
            .collect()
    }
}

/// One JSON array of the entries of several.
fn join(arrays: &[&[u8]]) -> Result<Vec<u8>, StoreError> {
    let mut joined = vec![b'['];
    for array in arrays {
        let entries = array
            .trim_ascii()
            .strip_prefix(b"[")
            .and_then(|rest| rest.strip_suffix(b"]"));
        let entries =
            entries.ok_or_else(|| StoreError::Corrupt("a journal row is not an array".to_owned()))?;
        if entries.trim_ascii().is_empty() {
            continue;
        }
        if joined.len() > 1 {
            joined.push(b',');
        }
        joined.extend_from_slice(entries);
    }
    joined.push(b']');
    Ok(joined)
}

fn state(code: i16) -> Result<RunState, StoreError> {
    RunState::from_code(code).ok_or_else(|| StoreError::Corrupt(format!("a run in state {code}")))
}

fn view(row: &SqliteRow) -> Result<RunView, StoreError> {
    let time = |column: usize| get::<Option<i64>, _>(row, column).map(|at| at.map(Timestamp));
    Ok(RunView {
        id: RunId(get(row, 0)?),
        workflow: WorkflowId(get(row, 1)?),
        namespace: get(row, 2)?,
        name: get(row, 3)?,
        version: get(row, 4)?,
        state: state(get(row, 5)?)?,
        priority: get(row, 6)?,
        epoch: get(row, 7)?,
        created_at: Timestamp(get(row, 8)?),
        run_at: time(9)?,
        started_at: time(10)?,
        ended_at: time(11)?,
        input: get(row, 12)?,
        output: get(row, 13)?,
        error: get(row, 14)?,
    })
}
