//! P1, P14: what must be set on the role, checked at the start.

use sqlx::PgPool;

use super::error::store_error;
use crate::StoreError;

/// Name, what it must be, and as an operator writes it.
const REQUIRED: [(&str, Wanted, &str); 9] = [
    ("enable_seqscan", Wanted::Is("off"), "off"),
    ("enable_bitmapscan", Wanted::Is("off"), "off"),
    ("enable_hashjoin", Wanted::Is("off"), "off"),
    ("enable_mergejoin", Wanted::Is("off"), "off"),
    (
        "plan_cache_mode",
        Wanted::Is("force_generic_plan"),
        "force_generic_plan",
    ),
    ("jit", Wanted::Is("off"), "off"),
    ("statement_timeout", Wanted::IsNot("0"), "'30s'"),
    ("idle_in_transaction_session_timeout", Wanted::IsNot("0"), "'10s'"),
    (
        "default_transaction_isolation",
        Wanted::Is("read committed"),
        "'read committed'",
    ),
];

enum Wanted {
    Is(&'static str),
    IsNot(&'static str),
}

impl Wanted {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Is(wanted) => value == *wanted,
            Self::IsNot(refused) => value != *refused,
        }
    }
}

/// Fails with [`StoreError::Setup`] and the statements to run when a setting is missing in a new session.
pub(super) async fn check(pool: &PgPool) -> Result<(), StoreError> {
    let names: Vec<_> = REQUIRED.iter().map(|(name, ..)| *name).collect();
    let seen: Vec<(String, String)> =
        sqlx::query_as("SELECT name, setting FROM pg_settings WHERE name = ANY ($1)")
            .bind(names)
            .fetch_all(pool)
            .await
            .map_err(store_error)?;
    let (role, database): (String, String) =
        sqlx::query_as("SELECT quote_ident(current_user), quote_ident(current_database())")
            .fetch_one(pool)
            .await
            .map_err(store_error)?;
    let missing: Vec<_> = REQUIRED
        .iter()
        .filter(|(name, wanted, _)| {
            !seen
                .iter()
                .any(|(seen, value)| seen == name && wanted.holds(value))
        })
        .map(|(name, _, value)| format!("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value};"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(StoreError::Setup(format!(
        "the role's settings would let plans degrade; run as its owner, then reconnect (a pooler too): {}",
        missing.join(" ")
    )))
}

/// Five minutes: statements end after 30 s, so only a forgotten transaction or another program's is older.
const OLDEST_SECONDS: i64 = 300;

/// P14: alarms on a transaction that keeps the dead rows of hot tables from being removed.
pub(super) async fn watch_oldest(pool: &PgPool) -> Result<(), StoreError> {
    let oldest: Option<(i32, i64)> = sqlx::query_as(
        "SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::int8 FROM pg_stat_activity
         WHERE datname = current_database() AND xact_start IS NOT NULL AND backend_xmin IS NOT NULL
         ORDER BY xact_start LIMIT 1",
    )
    .fetch_optional(pool)
    .await
    .map_err(store_error)?;
    if let Some((pid, seconds)) = oldest.filter(|(_, seconds)| *seconds >= OLDEST_SECONDS) {
        tracing::error!(
            pid,
            seconds,
            "an old transaction keeps dead rows from being vacuumed"
        );
    }
    Ok(())
}
