//! Ended runs one by one, where a partition cannot be dropped: a hold touches it, a run of it lives long, a tenant chose
//! another time. What goes is counted for the next certificate.

use levqor_entities::data_map::Subject;
use levqor_migration::partitions as ranges;
use sqlx::AssertSqlSafe;

use super::{
    error::store_error,
    line::Line,
    partitions::{begin, existing, run},
};
use crate::{RetentionClass, StoreError, expiry::sql};

/// Who counts what no sweep has deleted.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Adds to the counts what `source` gives: tenant, days.
fn tally(class: RetentionClass, source: &str) -> String {
    format!(
        "INSERT INTO retention_counts (sweep_id, dataset, tenant_id, days, gone, objects)
         SELECT '{NOBODY}', '{}', tenant_id, days, count(*), 0 FROM {source} GROUP BY tenant_id, days
         ON CONFLICT (sweep_id, dataset, tenant_id, days) DO UPDATE SET gone = retention_counts.gone + excluded.gone",
        class.dataset()
    )
}

fn period(row: &str, class: RetentionClass) -> String {
    sql::period(
        row,
        "tenant_id",
        class.dataset(),
        &format!("{}::bigint", class.days()),
    )
}

/// Counts all runs of a partition that is about to be dropped.
pub(super) fn count(partition: &str, class: RetentionClass) -> String {
    let days = period("e", class);
    tally(
        class,
        &format!("(SELECT e.tenant_id, {days} AS days FROM {partition} AS e) AS gone"),
    )
}

/// Whether a hold, or a longer time that a tenant chose, keeps a run of the partition; found through the few tenants
/// that have one.
pub(super) fn kept(partition: &str, class: RetentionClass) -> String {
    format!(
        "SELECT EXISTS (SELECT FROM legal_holds h, LATERAL (
                    SELECT FROM {partition} AS e WHERE e.tenant_id = h.tenant_id LIMIT 1) AS held
                WHERE h.released_at IS NULL AND h.user_id IS NULL
                  AND (h.table_name IS NULL OR h.table_name = 'ended'))
             OR EXISTS (SELECT FROM retention_overrides o, LATERAL (
                    SELECT FROM {partition} AS e WHERE e.tenant_id = o.tenant_id
                      AND e.ended_at > now_us() - 86400000000 * o.days LIMIT 1) AS kept
                WHERE o.dataset = '{dataset}' AND o.days > {days})",
        dataset = class.dataset(),
        days = class.days()
    )
}

/// Deletes at most `limit` expired runs of a partition; of tenants with a shorter time only, when the partition is too
/// young for all others.
fn delete(partition: &str, class: RetentionClass, young: bool, limit: i64) -> String {
    let held = |row| sql::held(row, "ended", "tenant_id", Subject::Nobody);
    let (days, own) = (period("r", class), period(partition, class));
    let hasty = if young {
        let dataset = class.dataset();
        format!(
            " AND r.tenant_id = ANY (ARRAY(SELECT tenant_id FROM retention_overrides WHERE dataset = '{dataset}' \
             AND days < {}))",
            class.days()
        )
    } else {
        String::new()
    };
    let (free, still_free) = (held("r"), held(partition));
    let counted = tally(class, "gone");
    format!(
        "WITH gone AS (
            DELETE FROM {partition} WHERE {partition}.ctid = ANY (ARRAY(
                SELECT r.ctid FROM {partition} AS r
                WHERE r.ended_at <= now_us() - 86400000000 * {days}{hasty} AND NOT {free}
                LIMIT {limit} FOR UPDATE OF r SKIP LOCKED)) AND NOT {still_free}
            RETURNING {partition}.tenant_id, {own} AS days
        ), counted AS ({counted}) SELECT count(*) FROM gone"
    )
}

/// The shortest time of a class in microseconds: its own, or one that a tenant chose.
async fn shortest(line: &Line, class: RetentionClass) -> Result<i64, StoreError> {
    let days = sqlx::query_scalar("SELECT min(days) FROM retention_overrides WHERE dataset = $1");
    let days: Option<i64> = days
        .bind(class.dataset())
        .fetch_one(line)
        .await
        .map_err(store_error)?;
    Ok(days.unwrap_or(i64::MAX).min(class.days().into()) * 86_400_000_000)
}

/// See [`crate::SchedulerStore::expire_runs`].
pub(super) async fn runs(line: &Line, term: i64, limit: i64) -> Result<u64, StoreError> {
    let (now, existing) = existing(line, term).await?;
    let mut gone = 0;
    for class in RetentionClass::ALL {
        let shortest = shortest(line, class).await?;
        let own = i64::from(class.days()) * 86_400_000_000;
        for name in existing.iter().filter(|name| of_class(name, class)) {
            // A default has no day: it is looked through.
            let day = ranges::parse(name).map(|(_, day)| day);
            if day.is_some_and(|day| day.start().saturating_add(shortest) > now) || gone >= limit {
                continue;
            }
            let young = day.is_some_and(|day| day.start().saturating_add(own) > now);
            gone += line
                .bound(some(line, term, delete(name, class, young, limit - gone)))
                .await?;
        }
    }
    Ok(gone.unsigned_abs())
}

fn of_class(name: &str, class: RetentionClass) -> bool {
    let own = name
        .strip_prefix("ended_")
        .and_then(|rest| rest.strip_prefix(class.as_str()));
    own.is_some_and(|rest| rest.starts_with('_'))
}

/// One delete in a transaction of the leader.
async fn some(line: &Line, term: i64, delete: String) -> Result<i64, StoreError> {
    let mut held = line.hold().await.map_err(store_error)?;
    let (mut transaction, _) = begin(&mut held, term).await?;
    run(&mut transaction, sql::STILL.to_owned()).await?;
    let gone = sqlx::query_scalar(AssertSqlSafe(delete))
        .fetch_one(&mut *transaction)
        .await;
    let gone: i64 = gone.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)?;
    held.done();
    Ok(gone)
}
