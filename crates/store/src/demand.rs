//! What asks for workers, over all tenants: what arrived and ended, what waits and runs, what is due. For the autoscaler; one
//! text for both databases.

use levqor_entities::{
    ids::{Timestamp, WorkflowId},
    workflows,
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::{Db, StoreError};

/// Rows taken in one transaction: on SQLite nobody else writes meanwhile, so it is short.
const BATCH: usize = 2_000;

/// Most schedules that are looked at.
const SCHEDULES: i64 = 10_000;

/// What arrived and ended of one priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, FromQueryResult)]
pub struct Flow {
    /// 0 high, 1 normal, 2 low.
    pub priority: i64,
    /// Runs that were accepted and ready at once.
    pub arrived: i64,
    /// Runs that completed or faulted.
    pub ended: i64,
    /// Microseconds that their attempts took.
    pub service_us: i64,
    /// Sum of the squares of the seconds that the attempts of each took.
    pub service_square: f64,
}

/// Runs of one priority and document version that a worker may claim or holds.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Load {
    /// 0 high, 1 normal, 2 low.
    pub priority: i64,
    /// The document version.
    pub workflow_id: WorkflowId,
    /// The plan of its tenant.
    pub plan: Option<String>,
    /// May be claimed.
    pub waiting: i64,
    /// Are held.
    pub running: i64,
}

/// Timers of one priority that are due in the same second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DueTimers {
    /// 0 high, 1 normal, 2 low.
    pub priority: i64,
    /// Whole seconds ahead; negative when overdue.
    pub in_s: i64,
    /// How many.
    pub runs: i64,
}

/// A schedule that is due soon.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DueSchedule {
    /// Its next tick.
    pub next_due: Timestamp,
    /// As the store keeps it, JSON.
    pub spec: String,
}

/// Whoever takes a row counts it: everything derives from what the DELETE returns. A bound, since a list is joined: without statistics
/// each of 10,000 rows was compared with each.
const TAKE: &str = "
DELETE FROM flow WHERE id <= (SELECT max(id) FROM (SELECT id FROM flow ORDER BY id LIMIT $1) AS first)
RETURNING priority, arrived, ended, service_us, service_square";

/// Reads the partial index of what is ready, which leaves out all that waits for a timer or an event. Each database takes it
/// only for the condition that it was made with.
macro_rules! load {
    ($ready:literal) => {
        concat!(
            "
SELECT t.priority AS priority, t.workflow_id AS workflow_id, t.waiting AS waiting, t.running AS running,
       (SELECT p.plan FROM tenants p WHERE p.id = w.tenant_id) AS plan
FROM (
    SELECT CAST(priority AS bigint) AS priority, workflow_id, count(*) FILTER (WHERE state = 0) AS waiting,
           count(*) FILTER (WHERE state = 1) AS running
    FROM ",
            $ready,
            " GROUP BY priority, workflow_id
) t JOIN workflows w ON w.id = t.workflow_id"
        )
    };
}

const LOAD_POSTGRES: &str = load!("live WHERE ready");
const LOAD_SQLITE: &str = load!("live INDEXED BY live_ready WHERE ready = 1");

/// The priority is looked up run by run: a join could begin with all live rows there are (P1).
const TIMERS: &str = "
SELECT t.priority AS priority, t.in_s AS in_s, count(*) AS runs
FROM (
    SELECT (s.due - $1) / 1000000 AS in_s,
           (SELECT CAST(l.priority AS bigint) FROM live l WHERE l.id = s.run_id) AS priority
    FROM (SELECT due, run_id FROM timers WHERE due <= $2 ORDER BY due LIMIT 100000) s
) t WHERE t.priority IS NOT NULL
GROUP BY t.priority, t.in_s ORDER BY t.priority, t.in_s";

const SCHEDULED: &str = "
SELECT next_due, spec FROM schedules WHERE next_due IS NOT NULL AND next_due <= $1 ORDER BY next_due LIMIT $2";

impl Db {
    /// Takes out what arrived and ended since it was taken last, in no order, several rows of a priority. The caller counts
    /// them; when it does not come to that, they are lost, which an average forgives.
    pub async fn take_flow(&self) -> Result<Vec<Flow>, StoreError> {
        let mut taken = Vec::new();
        loop {
            let tx = self.begin().await?;
            let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
            let statement = Statement::from_sql_and_values(tx.get_database_backend(), TAKE, [limit.into()]);
            let rows = Flow::find_by_statement(statement).all(&*tx).await;
            let rows = rows.map_err(|error| tx.error(error))?;
            tx.commit().await?;
            let full = rows.len() >= BATCH;
            taken.extend(rows);
            if !full {
                return Ok(taken);
            }
        }
    }

    /// What a worker may claim and what is held, by priority and document version.
    pub async fn load(&self) -> Result<Vec<Load>, StoreError> {
        self.seen(self.own(LOAD_POSTGRES, LOAD_SQLITE), []).await
    }

    /// Timers of live runs that are due until then, the overdue too, by priority and second.
    pub async fn due_timers(&self, now: Timestamp, until: Timestamp) -> Result<Vec<DueTimers>, StoreError> {
        self.seen(TIMERS, [now.0.into(), until.0.into()]).await
    }

    /// Schedules whose next tick is due until then, the earliest first.
    pub async fn due_soon(&self, until: Timestamp) -> Result<Vec<DueSchedule>, StoreError> {
        self.seen(SCHEDULED, [until.0.into(), SCHEDULES.into()]).await
    }

    /// A stored document, canonical JSON, of whichever tenant.
    pub async fn document(&self, workflow: WorkflowId) -> Result<Option<Vec<u8>>, StoreError> {
        let found = workflows::find_for_worker(workflow).one(self.reader()).await;
        let found = found.map_err(|error| self.error(error))?;
        Ok(found.map(|row| row.document))
    }

    /// The text for the database at hand.
    pub(crate) fn own(&self, postgres: &'static str, sqlite: &'static str) -> &'static str {
        match self.reader().get_database_backend() {
            DbBackend::Sqlite => sqlite,
            _ => postgres,
        }
    }

    pub(crate) async fn seen<T: FromQueryResult, const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Vec<T>, StoreError> {
        let reader = self.reader();
        let statement = Statement::from_sql_and_values(reader.get_database_backend(), sql, values);
        let rows = T::find_by_statement(statement).all(reader).await;
        rows.map_err(|error| self.error(error))
    }
}
