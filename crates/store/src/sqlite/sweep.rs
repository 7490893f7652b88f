//! Deleting what is over, in chunks (P8, P15).

use super::SqliteStore;
use super::writer::Tx;
use crate::StoreError;

/// How long tokens, events and dead workers are remembered, in microseconds: a day.
const REMEMBERED: i64 = 86_400_000_000;

const KEYS: &str = "
DELETE FROM idempotency WHERE (tenant_id, key) IN (
    SELECT tenant_id, key FROM idempotency WHERE expires_at <= ?1 LIMIT ?2)";

const BATCHES: &str = "
DELETE FROM batches WHERE token IN (SELECT token FROM batches WHERE at <= ?1 - ?3 LIMIT ?2)";

const EVENTS: &str = "
DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE at <= ?1 - ?3 AND cursor_run IS NULL AND NOT EXISTS (
        SELECT 1 FROM legal_holds h WHERE h.tenant_id = events.tenant_id AND h.released_at IS NULL
        AND h.user_id IS NULL AND (h.table_name IS NULL OR h.table_name = 'events')) LIMIT ?2)";

const WORKERS: &str = "
DELETE FROM workers WHERE id IN (SELECT id FROM workers WHERE alive = 0 AND beat_at <= ?1 - ?3 LIMIT ?2)";

/// Rows of runs that do not live, by the key of their table.
macro_rules! strays {
    ($table:literal, $key:literal) => {
        (
            concat!(
                "SELECT 1 FROM ",
                $table,
                " AS s WHERE NOT EXISTS (SELECT 1 FROM live WHERE id = s.run_id) LIMIT 1"
            ),
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE (",
                $key,
                ") IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " AS s WHERE NOT EXISTS (SELECT 1 FROM live WHERE id = s.run_id) LIMIT ?2)"
            ),
        )
    };
}

const STRAYS: [(&str, &str); 4] = [
    strays!("journal", "run_id, seq"),
    strays!("inbox", "run_id, n"),
    strays!("timers", "run_id, epoch, seq, ord"),
    strays!("subscriptions", "run_id, epoch, seq, ord"),
];

/// What one sweep is to delete.
pub(super) struct Sweep(Vec<&'static str>);

impl SqliteStore {
    /// The deletes that have something to do. Looking for strays reads whole tables, so readers do it.
    pub(super) async fn plan_sweep(&self) -> Result<Sweep, StoreError> {
        let mut deletes = vec![KEYS, BATCHES, EVENTS, WORKERS];
        for (find, delete) in STRAYS {
            if self.read_first(sqlx::query(find)).await?.is_some() {
                deletes.push(delete);
            }
        }
        Ok(Sweep(deletes))
    }
}

impl Sweep {
    pub(super) async fn run(&self, tx: &mut Tx, limit: i64) -> Result<u64, StoreError> {
        let now = tx.now;
        let mut gone = 0;
        for delete in self.0.iter().copied() {
            let delete = sqlx::query(delete).bind(now.0).bind(limit).bind(REMEMBERED);
            gone += tx.execute(delete).await?.rows_affected();
        }
        Ok(gone)
    }
}
