//! The database of the configuration.

use std::{path::Path, sync::Arc};

use levqor_store::{
    OpenError, SqliteOptions, SqliteStore, Store, StoreError,
    postgres::{self, PostgresStore},
};

use crate::{
    config::{Config, Database},
    system::SystemClock,
};

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
        Database::Sqlite(folder) => Ok(Opened::sqlite(open_folder(folder).await?)),
    }
}

/// A database that goes when it is closed.
pub(crate) async fn open_temporary() -> anyhow::Result<Opened> {
    Ok(Opened::sqlite(
        SqliteStore::open_temporary(Arc::new(SystemClock)).await?,
    ))
}

async fn open_folder(folder: &Path) -> Result<SqliteStore, OpenError> {
    let store = SqliteStore::open(folder, Arc::new(SystemClock), SqliteOptions::default()).await?;
    store.migrate().await?;
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
        Database::Sqlite(folder) => open_folder(folder).await?.close().await,
    }
    Ok(())
}
