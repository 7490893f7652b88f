//! What the whole installation has waiting, for gauges: the leader reads it now and then.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{Db, RunState, StoreError, Timestamp};

/// One look at all tenants' work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Runs that have not ended, by workflow and state.
    pub runs: Vec<LiveRuns>,
    /// Runs that a worker may claim; the oldest of those never claimed, by the time from which on it could be.
    pub backlog: Waiting,
    /// Timers that are due and have not fired, by their due time.
    pub timers: Waiting,
    /// Ticks of schedules that are due and have not started, by their due time.
    pub ticks: Waiting,
    /// Callbacks and emitted events to be sent; the oldest of those never tried, by the time it was written.
    pub outbox: Waiting,
    /// Mails to be sent; the oldest of those never tried, by the time it was written: one that was tried and refused says
    /// nothing of the others.
    pub mails: Waiting,
    /// What ended runs and sent mails used and is not booked, a row for each batch, workflow and key; by when it was used.
    pub usage: Waiting,
}

/// Live runs of a workflow (its versions together) in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRuns {
    /// `namespace/name`, of whichever tenant.
    pub workflow: String,
    /// A live state.
    pub state: RunState,
    /// How many.
    pub count: i64,
}

/// How much waits, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// The time of the oldest.
    pub oldest: Option<Timestamp>,
}

/// Reads each live row once, and groups by version before it looks up names.
const LIVE: &str = "
SELECT w.namespace AS namespace, w.name AS name, t.state AS state, CAST(sum(t.runs) AS bigint) AS runs,
       CAST(sum(t.ready) AS bigint) AS ready, min(t.oldest) AS oldest
FROM (
    SELECT workflow_id, state, count(*) AS runs, count(*) FILTER (WHERE ready AND state = 0) AS ready,
           min(CASE WHEN ready AND state = 0 AND epoch = 0 THEN coalesce(due, created_at) END) AS oldest
    FROM live GROUP BY workflow_id, state
) t JOIN workflows w ON w.id = t.workflow_id
GROUP BY w.namespace, w.name, t.state";

/// One row for each of [`Fleet`]'s other members, in the order of `what`.
const REST: &str = "
SELECT 0 AS what, count(*) AS count, min(due) AS oldest FROM timers WHERE due <= $1
UNION ALL
SELECT 1, count(*), min(next_due) FROM schedules WHERE next_due IS NOT NULL AND next_due <= $1
UNION ALL
SELECT 2, count(*), min(CASE WHEN attempts = 0 THEN due END) FROM outbox
UNION ALL
SELECT 3, count(*), min(CASE WHEN attempts = 0 THEN created_at END) FROM mails WHERE state = 'queued'
UNION ALL
SELECT 4, count(*), min(at) FROM usage
ORDER BY what";

#[derive(FromQueryResult)]
struct Live {
    namespace: String,
    name: String,
    state: i16,
    runs: i64,
    ready: i64,
    oldest: Option<i64>,
}

#[derive(FromQueryResult)]
struct Rest {
    count: i64,
    oldest: Option<i64>,
}

impl Db {
    /// What there is now. It takes a second or two with millions of live runs.
    pub async fn fleet(&self) -> Result<Fleet, StoreError> {
        let now = self.now().await?;
        let reader = self.reader();
        let live = statement(reader, LIVE, []);
        let live = Live::find_by_statement(live).all(reader).await;
        let rest = statement(reader, REST, [now.0.into()]);
        let rest = Rest::find_by_statement(rest).all(reader).await;
        let rest = rest.map_err(|error| self.error(error))?;
        let mut rest = rest.iter().map(|row| Waiting {
            count: row.count,
            oldest: row.oldest.map(Timestamp),
        });
        let mut next = || rest.next().unwrap_or_default();
        let (timers, ticks, outbox, mails, usage) = (next(), next(), next(), next(), next());
        let mut fleet = Fleet {
            timers,
            ticks,
            outbox,
            mails,
            usage,
            ..Fleet::default()
        };
        for row in live.map_err(|error| self.error(error))? {
            fleet.add(&row)?;
        }
        Ok(fleet)
    }
}

impl Fleet {
    fn add(&mut self, row: &Live) -> Result<(), StoreError> {
        let state = RunState::from_code(row.state);
        self.backlog.count += row.ready;
        let oldest = self
            .backlog
            .oldest
            .into_iter()
            .chain(row.oldest.map(Timestamp))
            .min();
        self.backlog.oldest = oldest;
        self.runs.push(LiveRuns {
            workflow: format!("{}/{}", row.namespace, row.name),
            state: state.ok_or_else(|| StoreError::Corrupt(format!("a run in state {}", row.state)))?,
            count: row.runs,
        });
        Ok(())
    }
}

fn statement<const N: usize>(
    reader: &impl ConnectionTrait,
    sql: &str,
    values: [sea_orm::Value; N],
) -> Statement {
    Statement::from_sql_and_values(reader.get_database_backend(), sql, values)
}
