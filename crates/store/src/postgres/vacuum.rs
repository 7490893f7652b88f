//! Makes free what rows that are gone have left behind, in the tables whose rows live as long as a run or less.
//!
//! Autovacuum looks once a minute. At full speed more than a million dead entries then stand before the first live one in an
//! index that is read in its order, as the relay, the rescue and the backlog's gauge read it: each look costs milliseconds
//! that a run waiting for its start notices.

use sqlx::AssertSqlSafe;

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

/// As autovacuum reckons, with bounds of our own: what is read in order should pass over a few pages at most.
const WORN: &str = "
SELECT relname::text, n_dead_tup FROM pg_stat_user_tables
WHERE schemaname = current_schema() AND relname = ANY ($1) AND n_dead_tup > 2000 + n_live_tup / 10";

const DEAD: &str =
    "SELECT n_dead_tup FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = $1";

/// See [`crate::SchedulerStore::vacuum`].
pub(super) async fn vacuum(line: &Line) -> Result<bool, StoreError> {
    let worn: Vec<(String, i64)> = sqlx::query_as(WORN)
        .bind(&SHORT_LIVED[..])
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let mut helped = true;
    for (table, before) in worn {
        // Truncation would lock all out of the table while it gives pages back that are needed again at once.
        let sql = format!("VACUUM (SKIP_LOCKED, TRUNCATE off) {table}");
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(line).await;
        done.map_err(store_error)?;
        // What died meanwhile is counted, too, and under load that is much.
        helped &= dead(line, &table).await? <= before / 2;
    }
    Ok(helped)
}

async fn dead(line: &Line, table: &str) -> Result<i64, StoreError> {
    let dead = sqlx::query_scalar(DEAD).bind(table).fetch_one(line).await;
    dead.map_err(store_error)
}
