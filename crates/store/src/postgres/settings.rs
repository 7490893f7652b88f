//! P1, P14: what must be set on the role, checked at the start.

use super::{error::store_error, line::Line};
use crate::StoreError;

/// Name, what it must be, and as an operator writes it.
type Required = (&'static str, Wanted, &'static str);

const REQUIRED: [Required; 9] = [
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

/// What new sessions of this role in this database get, as written with ALTER ROLE or ALTER DATABASE.
const GIVEN: &str = "
SELECT split_part(given, '=', 1), substr(given, strpos(given, '=') + 1)
FROM pg_db_role_setting, unnest(setconfig) AS given
WHERE setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
  AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))";

/// Fails with [`StoreError::Setup`] and what to do when this session lacks a setting.
pub(super) async fn check(line: &Line) -> Result<(), StoreError> {
    let names: Vec<_> = REQUIRED.iter().map(|(name, ..)| *name).collect();
    let seen: Vec<(String, String)> =
        sqlx::query_as("SELECT name, setting FROM pg_settings WHERE name = ANY ($1)")
            .bind(names)
            .fetch_all(line)
            .await
            .map_err(store_error)?;
    let missing: Vec<_> = REQUIRED.iter().filter(|required| !has(&seen, required)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let given: Vec<(String, String)> = sqlx::query_as(GIVEN).fetch_all(line).await.map_err(store_error)?;
    if missing.iter().all(|required| has(&given, required)) {
        return Err(StoreError::Setup(OLDER.to_owned()));
    }
    let (role, database): (String, String) =
        sqlx::query_as("SELECT quote_ident(current_user), quote_ident(current_database())")
            .fetch_one(line)
            .await
            .map_err(store_error)?;
    let statement = |(name, _, value): &&Required| {
        format!("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value};")
    };
    let statements: Vec<_> = missing.iter().map(statement).collect();
    Err(StoreError::Setup(format!(
        "the role's settings would let plans degrade; run as its owner, then reconnect (a pooler too): {}",
        statements.join(" ")
    )))
}

/// Nobody but a pooler keeps a session from before the migration for a process that starts now.
const OLDER: &str = "the role has its planner settings, but this session was opened before it got them: close the \
sessions that the pooler holds to the database (RECONNECT in PgBouncer's console), then start again";

fn has(settings: &[(String, String)], (name, wanted, _): &Required) -> bool {
    settings
        .iter()
        .any(|(setting, value)| setting == name && wanted.holds(value))
}

/// Five minutes: statements end after 30 s, so only a forgotten transaction or another program's is older.
const OLDEST_SECONDS: i64 = 300;

/// P14: alarms on a transaction that keeps the dead rows of hot tables from being removed.
pub(super) async fn watch_oldest(line: &Line) -> Result<(), StoreError> {
    let oldest: Option<(i32, i64)> = sqlx::query_as(
        "SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::int8 FROM pg_stat_activity
         WHERE datname = current_database() AND xact_start IS NOT NULL AND backend_xmin IS NOT NULL
         ORDER BY xact_start LIMIT 1",
    )
    .fetch_optional(line)
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
