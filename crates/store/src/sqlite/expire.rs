//! Ended runs whose time is over, by the index of their class and end (P15). What goes is counted for the next
//! certificate.

use std::collections::BTreeMap;

use levqor_entities::data_map::Subject;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::get;
use super::writer::Tx;
use crate::{RetentionClass, StoreError, expiry::sql};

const SHORTEST: &str = "SELECT min(days) FROM retention_overrides WHERE dataset = ?1";

/// By no sweep.
const TALLY: &str = "
INSERT INTO retention_counts (sweep_id, dataset, tenant_id, days, gone, objects) VALUES (?1, ?2, ?3, ?4, ?5, 0)
ON CONFLICT (sweep_id, dataset, tenant_id, days) DO UPDATE SET gone = gone + excluded.gone";

/// At most `limit` over all classes; see [`crate::SchedulerStore::expire_runs`].
pub(super) async fn runs(tx: &mut Tx, limit: i64) -> Result<u64, StoreError> {
    let mut left = limit;
    for class in RetentionClass::ALL {
        left -= of_class(tx, class, left).await?;
    }
    Ok((limit - left).unsigned_abs())
}

async fn of_class(tx: &mut Tx, class: RetentionClass, limit: i64) -> Result<i64, StoreError> {
    let shortest = tx.first(sqlx::query(SHORTEST).bind(class.dataset())).await?;
    let shortest: Option<i64> = shortest.map(|row| get(&row, 0)).transpose()?.flatten();
    let shortest = shortest.unwrap_or(i64::MAX).min(class.days().into());
    let delete = sqlx::query(AssertSqlSafe(delete(class)))
        .bind(class.as_str())
        .bind(tx.now.0.saturating_sub(shortest * 86_400_000_000))
        .bind(tx.now.0)
        .bind(i64::from(class.days()))
        .bind(limit);
    let mut gone: BTreeMap<(Vec<u8>, i64), i64> = BTreeMap::new();
    for row in tx.all(delete).await? {
        *gone.entry((get(&row, 0)?, get(&row, 1)?)).or_default() += 1;
    }
    let total = gone.values().sum();
    for ((tenant, days), rows) in gone {
        let tally = sqlx::query(TALLY).bind(Uuid::nil()).bind(class.dataset());
        tx.execute(tally.bind(tenant).bind(days).bind(rows)).await?;
    }
    Ok(total)
}

/// Parameters: class, latest end, now, the class's days, limit.
fn delete(class: RetentionClass) -> String {
    let period = |row| sql::period(row, "tenant_id", class.dataset(), "?4");
    let held = |row| sql::held(row, "ended", "tenant_id", Subject::Nobody);
    format!(
        "DELETE FROM ended WHERE id IN (
             SELECT r.id FROM ended AS r
             WHERE r.class = ?1 AND r.ended_at <= ?2 AND r.ended_at <= ?3 - 86400000000 * {} AND NOT {}
             ORDER BY r.ended_at LIMIT ?5)
         RETURNING tenant_id, {}",
        period("r"),
        held("r"),
        period("ended")
    )
}
