//! Opening the store: pools, schema version, settings.

use std::{str::FromStr, time::Duration};

use sea_orm::SqlxPostgresConnector;
use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{PostgresStore, error, settings, sweep::Cursors};
use crate::StoreError;

/// Two commits in flight per process are the fastest (docs/ARCHITECTURE.md, Storage).
const HOT: u32 = 2;
const PULSE: u32 = 1;
const SERVICE: u32 = 2;
const PRODUCT: u32 = 2;
/// Reads get at least so many, whatever the limit.
const LEAST_READS: u32 = 2;

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections of this process at most; 9 is the least that works, and they are opened when needed.
    pub max_connections: u32,
    /// How long a call waits for a free connection before it is [`StoreError::Unavailable`].
    pub acquire_timeout: Duration,
    /// Shown in `pg_stat_activity`.
    pub application_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_connections: 14,
            acquire_timeout: Duration::from_secs(5),
            application_name: "levqor".to_owned(),
        }
    }
}

impl PostgresStore {
    /// Opens a migrated database. Fails with [`StoreError::Setup`] when it is not migrated, when it was migrated by
    /// a newer program, or when the role lacks the planner settings of P1 and P14; the text says what to run.
    pub async fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        let connect = parse(url)?.application_name(&options.application_name);
        let pool = |connections| pool(&connect, connections, &options);
        let reads = pool(
            options
                .max_connections
                .saturating_sub(HOT + PULSE + SERVICE + PRODUCT)
                .max(LEAST_READS),
        );
        let store = Self {
            hot: pool(HOT),
            pulse: pool(PULSE),
            service: pool(SERVICE),
            product: SqlxPostgresConnector::from_sqlx_postgres_pool(pool(PRODUCT)),
            orm: SqlxPostgresConnector::from_sqlx_postgres_pool(reads.clone()),
            reads,
            strays: Cursors::default(),
        };
        let pending = levqor_migration::pending(&store.orm)
            .await
            .map_err(error::orm_error)?;
        if let Some(first) = pending.first() {
            return Err(StoreError::Setup(format!(
                "migration {first} is not applied; run `levqor migrate`"
            )));
        }
        settings::check(&store.pulse).await?;
        Ok(store)
    }

    /// Closes all connections after what they do now; later calls are [`StoreError::Unavailable`].
    pub async fn close(&self) {
        let product = self.product.get_postgres_connection_pool();
        for pool in [&self.hot, &self.pulse, &self.service, &self.reads, product] {
            pool.close().await;
        }
    }
}

/// Brings the schema of the database at `url` up to date (one transaction; processes that start at once take turns).
/// Warns when the next session lacks the settings that the role has now: a pooler gave an older one.
pub async fn migrate(url: &str) -> Result<(), StoreError> {
    let options = Options {
        application_name: "levqor migrate".to_owned(),
        ..Options::default()
    };
    let connect = parse(url)?;
    let first = pool(&connect, 1, &options);
    let db = SqlxPostgresConnector::from_sqlx_postgres_pool(first.clone());
    let migrated = levqor_migration::migrate(&db).await.map_err(error::orm_error);
    first.close().await;
    migrated?;
    let next = pool(&connect, 1, &options);
    let checked = settings::check(&next).await;
    next.close().await;
    if let Err(error) = checked {
        tracing::warn!("{error}");
    }
    Ok(())
}

fn parse(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Setup(format!("the database URL cannot be read: {error}")))?;
    // A pooler refuses start-up parameters it does not know.
    Ok(options.extra_float_digits(None).disable_statement_logging())
}

/// A pool that connects when first used, and does not ask before each use whether the connection still lives: a dead
/// one answers [`StoreError::Unavailable`], and the call is repeated.
fn pool(connect: &PgConnectOptions, connections: u32, options: &Options) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .connect_lazy_with(connect.clone())
}
