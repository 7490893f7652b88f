//! How many runs there were, for reports: counted in the database, one statement for both.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{Db, RunState, StoreError, TenantId, Timestamp};

/// Runs that one version of a document had on one day and that are in one state now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Days since 1970-01-01, UTC, of their acceptance.
    pub day: i64,
    /// `namespace/name`.
    pub workflow: String,
    /// Where they are.
    pub state: RunState,
    /// How many.
    pub runs: i64,
    /// Time from acceptance to the end, summed, in microseconds; zero while they live.
    pub took: i64,
    /// The longest of them.
    pub longest: i64,
}

/// Groups by version before it looks up names, since the planner settings (P1) leave only nested loops.
const TALLIES: &str = "
SELECT t.day AS day, w.namespace AS namespace, w.name AS name, t.state AS state,
       CAST(sum(t.runs) AS bigint) AS runs, CAST(sum(t.took) AS bigint) AS took, max(t.longest) AS longest
FROM (
    SELECT workflow_id, created_at / 86400000000 AS day, state, count(*) AS runs,
           CAST(sum(ended_at - created_at) AS bigint) AS took, max(ended_at - created_at) AS longest
    FROM ended
    WHERE id >= $1 AND id < $2 AND created_at >= $3 AND created_at < $4 AND ($5 IS NULL OR tenant_id = $5)
    GROUP BY workflow_id, created_at / 86400000000, state
    UNION ALL
    SELECT workflow_id, created_at / 86400000000, state, count(*), 0, 0
    FROM live
    WHERE id >= $1 AND id < $2 AND created_at >= $3 AND created_at < $4 AND ($5 IS NULL OR tenant_id = $5)
    GROUP BY workflow_id, created_at / 86400000000, state
) t JOIN workflows w ON w.id = t.workflow_id
GROUP BY t.day, w.namespace, w.name, t.state
ORDER BY t.day, w.namespace, w.name, t.state";

/// Ids hold the time at which they were made, by the clock of whoever made them; the range read is this much wider.
const ID_SLACK_MILLIS: i64 = 3_600_000;

#[derive(FromQueryResult)]
struct Row {
    day: i64,
    namespace: String,
    name: String,
    state: i16,
    runs: i64,
    took: i64,
    longest: i64,
}

impl Db {
    /// Runs accepted in `from..to`, of one tenant or, for the operator, of all. Reads each of them once, by id.
    pub async fn tallies(
        &self,
        tenant: Option<TenantId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Tally>, StoreError> {
        let reader = self.reader();
        let values: Vec<Value> = vec![
            lowest_id(from.0 / 1_000 - ID_SLACK_MILLIS).into(),
            lowest_id(to.0 / 1_000 + ID_SLACK_MILLIS).into(),
            from.0.into(),
            to.0.into(),
            tenant.map(|tenant| tenant.0).into(),
        ];
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), TALLIES, values);
        let rows = Row::find_by_statement(statement).all(reader).await;
        rows.map_err(|error| self.error(error))?
            .iter()
            .map(tally)
            .collect()
    }
}

fn tally(row: &Row) -> Result<Tally, StoreError> {
    let state = RunState::from_code(row.state);
    Ok(Tally {
        day: row.day,
        workflow: format!("{}/{}", row.namespace, row.name),
        state: state.ok_or_else(|| StoreError::Corrupt(format!("a run in state {}", row.state)))?,
        runs: row.runs,
        took: row.took,
        longest: row.longest,
    })
}

/// The lowest UUIDv7 (RFC 9562) of a millisecond.
fn lowest_id(millis: i64) -> Uuid {
    Uuid::from_u128(u128::from(u64::try_from(millis).unwrap_or(0)) << 80)
}
