//! Makes free what rows that are gone have left behind, in the tables whose rows live as long as a run or less.
//!
//! Autovacuum looks once a minute. At full speed more than a million dead entries then stand before the first live one in an
//! index that is read in its order, as the relay, the rescue and the backlog's gauge read it: each look costs milliseconds
//! that a run waiting for its start notices.

use sqlx::{AssertSqlSafe, Row};

use super::{error::store_error, line::Line};
use crate::StoreError;

const SHORT_LIVED: [&str; 8] = [
    "live",
    "journal",
    "inbox",
    "timers",
    "subscriptions",
    "outbox",
    "usage",
    "flow",
];

/// As autovacuum reckons, with bounds of our own: what is read in order should pass over a few hundred pages at most.
const WORN: &str = "
SELECT relname::text FROM pg_stat_user_tables
WHERE schemaname = current_schema() AND relname = ANY ($1) AND n_dead_tup > 20000 + n_live_tup / 10";

/// See [`crate::SchedulerStore::vacuum`].
pub(super) async fn vacuum(line: &Line) -> Result<bool, StoreError> {
    let worn = worn(line, &SHORT_LIVED).await?;
    for table in &worn {
        // Truncation would lock all out of the table while it gives pages back that are needed again at once.
        let sql = format!("VACUUM (SKIP_LOCKED, TRUNCATE off) {table}");
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(line).await;
        done.map_err(store_error)?;
    }
    Ok(worn.is_empty() || self::worn(line, &worn).await?.is_empty())
}

async fn worn(line: &Line, tables: &[impl AsRef<str>]) -> Result<Vec<String>, StoreError> {
    let names: Vec<&str> = tables.iter().map(AsRef::as_ref).collect();
    let rows = sqlx::query(WORN).bind(names).fetch_all(line).await;
    let rows = rows.map_err(store_error)?;
    rows.iter()
        .map(|row| row.try_get(0).map_err(store_error))
        .collect()
}
