//! What waits and since when, for the status of the service: one statement for both databases.

use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::{Db, StoreError, Timestamp};

/// What waits, of all tenants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Runs that a worker could take now.
    pub runs: i64,
    /// Since when the oldest of those that never began could have been taken; when a run that parked became ready again is
    /// not recorded.
    pub oldest_run: Option<Timestamp>,
    /// Mails that have not left.
    pub mails: i64,
    /// When the oldest of those was written that nobody has tried to send. One that was tried and refused says nothing of
    /// the others.
    pub oldest_mail: Option<Timestamp>,
    /// The next tick of any schedule: one that lies in the past is late.
    pub next_tick: Option<Timestamp>,
}

/// Reads the partial indexes of what is ready and what is queued, whole. `{ready}` is their condition as each database
/// knows it again.
const WAITING: &str = "
SELECT r.runs AS runs, r.oldest AS oldest_run, m.mails AS mails, m.oldest AS oldest_mail, s.next AS next_tick
FROM (
    SELECT count(*) AS runs,
           min(CASE WHEN started_at IS NULL THEN CASE WHEN due > created_at THEN due ELSE created_at END END) AS oldest
    FROM live WHERE {ready} AND state = 0
) r
CROSS JOIN (
    SELECT count(*) AS mails, min(CASE WHEN attempts = 0 THEN created_at END) AS oldest
    FROM mails WHERE state = 'queued'
) m
CROSS JOIN (SELECT min(next_due) AS next FROM schedules WHERE next_due IS NOT NULL) s";

#[derive(FromQueryResult)]
struct Row {
    runs: i64,
    oldest_run: Option<i64>,
    mails: i64,
    oldest_mail: Option<i64>,
    next_tick: Option<i64>,
}

impl Db {
    /// What waits now. Reads the whole backlog, so it is rare.
    pub async fn waiting(&self) -> Result<Waiting, StoreError> {
        let reader = self.reader();
        let backend = reader.get_database_backend();
        let ready = if backend == DbBackend::Postgres {
            "ready"
        } else {
            "ready = 1"
        };
        let statement = Statement::from_string(backend, WAITING.replace("{ready}", ready));
        let row = Row::find_by_statement(statement).one(reader).await;
        let row = row.map_err(|error| self.error(error))?;
        Ok(row.map_or_else(Waiting::default, |row| Waiting {
            runs: row.runs,
            oldest_run: row.oldest_run.map(Timestamp),
            mails: row.mails,
            oldest_mail: row.oldest_mail.map(Timestamp),
            next_tick: row.next_tick.map(Timestamp),
        }))
    }
}
