//! Opening the store: pools, schema version, settings.

use std::{str::FromStr, time::Duration};

use futures::future::{join, join_all};
use sea_orm::SqlxPostgresConnector;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use super::{
    PostgresStore, error,
    line::{Limits, Line},
    settings,
    sweep::Cursors,
};
use crate::{StoreError, bounded::Bounded};

/// Two commits in flight per process are the fastest (docs/ARCHITECTURE.md, Storage).
const HOT: u32 = 2;
const PULSE: u32 = 1;
const SERVICE: u32 = 2;
const PRODUCT: u32 = 2;
/// Reads get at least so many, whatever the limit.
const LEAST_READS: u32 = 2;

/// How long a beat may take: several of them fit into a worker's lease.
const BEAT: Duration = Duration::from_secs(3);
/// How long a batch of writes may take; it is repeated under its token.
const COMMIT: Duration = Duration::from_secs(10);
/// How long a statement of the leader's passes may take: each takes a bounded number of rows, and timers wait for them.
const PASS: Duration = Duration::from_secs(12);
/// Past the 30 s after which the server gives a statement up (P14): it says so itself, unless nobody is there.
const ANSWER: Duration = Duration::from_secs(35);
/// How long a connection that comes back may take to say that it lives.
const TEST: Duration = Duration::from_secs(2);
/// How long closing the pools may take.
const CLOSE: Duration = Duration::from_secs(5);

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections of this process at most; 9 is the least that works, and they are opened when needed.
    pub max_connections: u32,
    /// How long a call waits for a free connection before it is [`StoreError::Unavailable`].
    pub acquire_timeout: Duration,
    /// How long a statement may take, the wait for a connection included, before it is [`StoreError::Unavailable`] and its
    /// connection closed. Beats, batches of writes and the leader's passes wait less: they are repeated.
    pub answer_timeout: Duration,
    /// Shown in `pg_stat_activity`.
    pub application_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_connections: 14,
            acquire_timeout: Duration::from_secs(5),
            answer_timeout: ANSWER,
            application_name: "levqor".to_owned(),
        }
    }
}

impl Options {
    fn limits(&self, connections: u32, answer: Duration) -> Limits {
        Limits {
            connections,
            acquire: self.acquire_timeout,
            answer: self.answer_timeout.min(answer),
        }
    }
}

impl PostgresStore {
    /// Opens a migrated database. Fails with [`StoreError::Setup`] when it is not migrated, when it was migrated by
    /// a newer program, or when the role lacks the planner settings of P1 and P14; the text says what to run.
    pub async fn connect(url: &str, options: Options) -> Result<Self, StoreError> {
        let connect = parse(url)?.application_name(&options.application_name);
        let store = Self::over(&connect, &options);
        let pending = levqor_migration::pending(store.orm.unbounded());
        let pending = store.orm.in_time(pending).await.map_err(error::orm_error)?;
        if let Some(first) = pending.first() {
            return Err(StoreError::Setup(format!(
                "migration {first} is not applied; run `levqor migrate`"
            )));
        }
        settings::check(&store.pulse).await?;
        Ok(store)
    }

    fn over(connect: &PgConnectOptions, options: &Options) -> Self {
        let line = |connections, answer| Line::new(connect, options.limits(connections, answer));
        let orm = |connections| Bounded {
            inner: SqlxPostgresConnector::from_sqlx_postgres_pool(pool(connect, connections, options)),
            limit: options.answer_timeout,
        };
        let reads = options
            .max_connections
            .saturating_sub(HOT + PULSE + SERVICE + PRODUCT)
            .max(LEAST_READS);
        Self {
            hot: line(HOT, COMMIT),
            pulse: line(PULSE, BEAT),
            service: line(SERVICE, PASS),
            product: orm(PRODUCT),
            reads: line(reads / 2, ANSWER),
            orm: orm(reads.div_ceil(2)),
            strays: Cursors::default(),
        }
    }

    /// Closes all connections after what they do now; later calls are [`StoreError::Unavailable`].
    pub async fn close(&self) {
        let lines = join_all([&self.hot, &self.pulse, &self.service, &self.reads].map(Line::close));
        let pools = [&self.product, &self.orm].map(|orm| orm.inner.get_postgres_connection_pool());
        // A connection that says nothing would be waited for without end.
        let _late = timeout(CLOSE, join(lines, join_all(pools.map(PgPool::close)))).await;
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
    let next = Line::new(&connect, options.limits(1, ANSWER));
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

/// A pool that connects when first used. It does not ask before each use whether a connection still lives: a dead one
/// answers [`StoreError::Unavailable`], and the call is repeated. It does ask when one comes back, and closes one that
/// says nothing: what sqlx asks after that waits without end.
fn pool(connect: &PgConnectOptions, connections: u32, options: &Options) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .after_release(|connection, _| Box::pin(lives(connection)))
        .connect_lazy_with(connect.clone())
}

async fn lives(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let answer = timeout(TEST, connection.ping()).await;
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(|()| true)
}
