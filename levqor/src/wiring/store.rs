//! The database of the configuration.

use std::{path::Path, sync::Arc, time::Duration};

use levqor_processes::ProcessError;
use levqor_store::{
    Clock, Db, OpenError, SqliteOptions, SqliteStore, Store, StoreError,
    postgres::{self, PostgresStore},
};
use levqor_worker::StartError;
use tokio::time::Instant;

use crate::{
    config::{Config, Database},
    system::SystemClock,
};

/// How long a role waits for its database before it gives up, so that whoever supervises it sees it fail.
const WAIT: Duration = Duration::from_mins(5);
/// Pause between two tries.
const AGAIN: Duration = Duration::from_secs(1);

/// An open database.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    kind: Kind,
}

enum Kind {
    Postgres(Arc<PostgresStore>),
    Sqlite(Arc<SqliteStore>),
}

impl Opened {
    fn postgres(store: PostgresStore) -> Self {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            kind: Kind::Postgres(store),
        }
    }

    fn sqlite(store: SqliteStore) -> Self {
        let store = Arc::new(store);
        Self {
            store: store.clone(),
            kind: Kind::Sqlite(store),
        }
    }

    /// Finishes what is accepted and closes.
    pub(crate) async fn close(self) {
        match self.kind {
            Kind::Postgres(store) => store.close().await,
            Kind::Sqlite(store) => store.close().await,
        }
    }
}

/// Opens a database that is up to date. An embedded one is brought up to date here, since nobody else has it open.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Opened> {
    match &config.database {
        Database::Postgres(url) => Ok(Opened::postgres(
            PostgresStore::connect(url, postgres::Options::default()).await?,
        )),
        Database::Sqlite(folder) => Ok(Opened::sqlite(open_folder(folder, Arc::new(SystemClock)).await?)),
    }
}

/// Does what a role does with the database when it starts, again while that does not answer: servers of an installation
/// start in any order, and lines break.
pub(crate) async fn when_it_answers<T, E: Into<anyhow::Error>>(
    work: impl AsyncFn() -> Result<T, E>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    loop {
        let error = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error.into(),
        };
        if !is_away(&error) || begun.elapsed() > WAIT {
            return Err(error);
        }
        tracing::warn!(%error, "the database does not answer yet");
        tokio::time::sleep(AGAIN).await;
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    let of_store = match (error.downcast_ref(), error.downcast_ref()) {
        (Some(StartError::Store(error)), _) | (_, Some(ProcessError::Store(error))) => Some(error),
        _ => error.downcast_ref(),
    };
    matches!(of_store, Some(StoreError::Unavailable(_) | StoreError::Retry(_)))
}

/// As [`open`], an embedded database with its time from elsewhere than the machine's clock.
pub(crate) async fn open_at(folder: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Opened> {
    Ok(Opened::sqlite(open_folder(folder, clock).await?))
}

/// The product's tables for reading, also of a data folder that another process has open.
pub(crate) async fn read(config: &Config) -> anyhow::Result<Db> {
    match &config.database {
        Database::Postgres(_) => Ok(open(config).await?.store.db()),
        Database::Sqlite(folder) => Ok(SqliteStore::read_only(folder, Arc::new(SystemClock)).await?),
    }
}

/// A database that goes when it is closed.
pub(crate) async fn open_temporary() -> anyhow::Result<Opened> {
    Ok(Opened::sqlite(
        SqliteStore::open_temporary(Arc::new(SystemClock)).await?,
    ))
}

async fn open_folder(folder: &Path, clock: Arc<dyn Clock>) -> Result<SqliteStore, OpenError> {
    let store = SqliteStore::open(folder, clock, SqliteOptions::default()).await?;
    store.migrate().await?;
    let failed = |source| OpenError::Database {
        folder: folder.to_owned(),
        source,
    };
    store.inherit().await.map_err(failed)?;
    Ok(store)
}

/// A connection for beats alone.
pub(super) async fn postgres_for_beats(url: &str) -> Result<PostgresStore, StoreError> {
    let options = postgres::Options {
        application_name: "levqor beat".to_owned(),
        ..postgres::Options::default()
    };
    PostgresStore::connect(url, options).await
}

/// Brings the schema up to date.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    match &config.database {
        Database::Postgres(url) => postgres::migrate(url).await?,
        Database::Sqlite(folder) => open_folder(folder, Arc::new(SystemClock)).await?.close().await,
    }
    Ok(())
}
