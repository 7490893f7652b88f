//! A connection of the measurement to a Postgres database.

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

/// A session without the time limits that the role has.
pub(crate) struct Session(PgConnection);

impl Session {
    pub(crate) async fn open(url: &str) -> anyhow::Result<Self> {
        let connection = PgConnection::connect(url).await?;
        let mut session = Self(connection);
        session.run("SET statement_timeout = 0").await?;
        Ok(session)
    }

    /// One or more statements. Their texts are made of our own names and numbers.
    pub(crate) async fn run(&mut self, sql: impl Into<String>) -> anyhow::Result<()> {
        let sql = sql.into();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .execute(&mut self.0)
            .await;
        done.map(drop).with_context(|| sql)
    }

    /// The first column of the only row, as text.
    pub(crate) async fn text(&mut self, sql: impl Into<String>) -> anyhow::Result<String> {
        let sql = sql.into();
        let row = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .fetch_one(&mut self.0)
            .await;
        let row = row.with_context(|| sql)?;
        Ok(row.try_get_unchecked(0)?)
    }

    /// The first column of the only row, as a number.
    pub(crate) async fn number(&mut self, sql: impl Into<String>) -> anyhow::Result<f64> {
        let text = self.text(sql).await?;
        text.parse().with_context(|| format!("{text} is not a number"))
    }

    /// Two columns of all rows, as text.
    pub(crate) async fn pairs(&mut self, sql: impl Into<String>) -> anyhow::Result<Vec<(String, String)>> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql.into()))
            .fetch_all(&mut self.0)
            .await?;
        let pair = |row: &sqlx::postgres::PgRow| Ok((row.try_get_unchecked(0)?, row.try_get_unchecked(1)?));
        rows.iter().map(pair).collect()
    }
}

/// What decides how fast and how safe a commit is, equal for all who use the cluster.
const SETTINGS: &str = "
SELECT name, current_setting(name) FROM pg_settings WHERE name IN (
    'server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'wal_level', 'wal_sync_method',
    'wal_compression', 'wal_buffers', 'commit_delay', 'shared_buffers', 'work_mem', 'maintenance_work_mem',
    'effective_cache_size', 'max_wal_size', 'checkpoint_timeout', 'max_connections', 'autovacuum', 'huge_pages')
ORDER BY name <> 'server_version', name";

/// Version and settings of the cluster, as a peer's session sees them.
pub(crate) async fn settings(url: &str) -> anyhow::Result<Vec<(String, String)>> {
    let settings = Session::open(url).await?.pairs(SETTINGS).await?;
    Ok(settings
        .into_iter()
        .map(|(name, value)| (format!("Postgres {name}"), value))
        .collect())
}
