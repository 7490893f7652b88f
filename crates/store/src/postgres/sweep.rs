//! Deleting what is over, in bounded passes under the leader's term (P8, P9).

use parking_lot::Mutex;
use uuid::Uuid;

use super::{error::store_error, line::Line, rows::lead};
use crate::StoreError;

/// Deletes at most `$2` rows of a table by their age.
macro_rules! by_age {
    ($table:literal, $age:literal, $order:literal) => {
        concat!(
            "WITH ",
            lead!(),
            ", gone AS (
    DELETE FROM ",
            $table,
            " WHERE ",
            $age,
            " AND ctid = ANY (ARRAY(
        SELECT ctid FROM ",
            $table,
            " WHERE ",
            $age,
            " AND EXISTS (SELECT FROM lead)
        ORDER BY ",
            $order,
            " LIMIT $2))
    RETURNING 1
) SELECT (SELECT count(*) FROM gone) FROM lead"
        )
    };
}

/// Tokens and events are kept for a day, in which a caller may repeat; a dead worker too, for people.
const BY_AGE: [&str; 4] = [
    by_age!("idempotency", "expires_at <= now_us()", "expires_at"),
    by_age!("batches", "at <= now_us() - 86400000000", "at"),
    by_age!(
        "events",
        "at <= now_us() - 86400000000 AND cursor_run IS NULL AND NOT EXISTS (
            SELECT FROM legal_holds h WHERE h.tenant_id = events.tenant_id AND h.released_at IS NULL
            AND h.user_id IS NULL AND (h.table_name IS NULL OR h.table_name = 'events'))",
        "at"
    ),
    by_age!("workers", "NOT alive AND beat_at <= now_us() - 86400000000", "id"),
];

/// P8: deletes at most `$2` rows of runs that are not live, among the next `$2` runs after `$3`. Answers how many
/// went and, when there may be more runs, the last one looked at.
macro_rules! strays {
    ($table:literal) => {
        concat!(
            "WITH ",
            lead!(),
            ", seen AS MATERIALIZED (
    SELECT DISTINCT run_id FROM ",
            $table,
            " WHERE run_id > $3 AND EXISTS (SELECT FROM lead)
    ORDER BY run_id LIMIT $2
), gone AS (
    DELETE FROM ",
            $table,
            " WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ",
            $table,
            " WHERE run_id = ANY (ARRAY(
            SELECT run_id FROM seen WHERE (SELECT l.id FROM live l WHERE l.id = seen.run_id) IS NULL))
        LIMIT $2))
    RETURNING 1
) SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM seen),
         (SELECT run_id FROM seen ORDER BY run_id DESC LIMIT 1)
FROM lead"
        )
    };
}

const STRAYS: [&str; 4] = [
    strays!("journal"),
    strays!("inbox"),
    strays!("timers"),
    strays!("subscriptions"),
];

/// Where each table's search for strays goes on; it begins again after the last run.
#[derive(Debug, Default)]
pub(super) struct Cursors([Mutex<Uuid>; 4]);

pub(super) async fn sweep(line: &Line, cursors: &Cursors, term: i64, limit: i64) -> Result<u64, StoreError> {
    let mut total = 0;
    for sql in BY_AGE {
        let query = sqlx::query_scalar(sql).bind(term).bind(limit);
        let gone: Option<i64> = query.fetch_optional(line).await.map_err(store_error)?;
        total += gone.ok_or(StoreError::NotLeader(term))?;
    }
    for (sql, cursor) in STRAYS.into_iter().zip(&cursors.0) {
        let from = *cursor.lock();
        let query = sqlx::query_as(sql).bind(term).bind(limit).bind(from);
        let row: Option<(i64, i64, Option<Uuid>)> = query.fetch_optional(line).await.map_err(store_error)?;
        let (gone, seen, last) = row.ok_or(StoreError::NotLeader(term))?;
        // A pass that stopped at the limit may have left rows of a stray: it is looked at again.
        *cursor.lock() = if gone >= limit {
            from
        } else {
            last.filter(|_| seen >= limit).unwrap_or_default()
        };
        total += gone;
    }
    Ok(u64::try_from(total).unwrap_or(0))
}
