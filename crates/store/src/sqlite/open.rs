//! Opening a data folder: its lock file, the writer, the readers.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::SqlxSqliteConnector;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::Mutex;

use super::SqliteStore;
use super::error::store_error;
use super::steady::Steady;
use super::writer::Writer;
use crate::{Clock, StoreError};

/// The database in a data folder.
pub(super) const DATABASE: &str = "levqor.db";
/// Held by the process that has the folder open.
const LOCK: &str = "levqor.lock";
/// Pages of the write-ahead log (4 KiB each) after which a commit moves them into the database.
const CHECKPOINT_PAGES: &str = "4000";
/// Page cache of the writer in KiB, as SQLite wants it: negative. Four times as much was no faster with 400,000 runs.
const WRITER_CACHE: &str = "-16384";
/// The same of a reader.
const READER_CACHE: &str = "-8192";
/// How long a statement waits for a lock; only a checkpoint or a foreign tool ever holds one.
const BUSY: Duration = Duration::from_secs(5);

/// How a folder is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Whether a commit survives a power cut (`synchronous=FULL`). Off only for throw-away stores.
    pub durable: bool,
    /// Connections that read at once.
    pub readers: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            durable: true,
            readers: 4,
        }
    }
}

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("the data folder {} is in use by another process", folder.display())]
    InUse {
        /// Which folder.
        folder: PathBuf,
    },
    /// It cannot be made or its lock file cannot be written.
    #[error("the data folder {} cannot be used: {source}", folder.display())]
    Folder {
        /// Which folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its database cannot be opened.
    #[error("the database in {} cannot be opened: {source}", folder.display())]
    Database {
        /// Which folder.
        folder: PathBuf,
        /// What SQLite said.
        source: StoreError,
    },
    /// Its database cannot be migrated.
    #[error("the database in {} cannot be migrated: {source}", folder.display())]
    Migration {
        /// Which folder.
        folder: PathBuf,
        /// What the migration said.
        source: Box<sea_orm::DbErr>,
    },
}

impl SqliteStore {
    /// Opens the database in `folder`, making both when they are not there. Fails when another process has it open.
    /// The schema has to be brought up to date with [`SqliteStore::migrate`] before the first use.
    pub async fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: SqliteOptions,
    ) -> Result<Self, OpenError> {
        let lock = lock(folder)?;
        Self::connect(folder, clock, &options, lock).await
    }

    /// A throw-away store in a temporary folder, migrated; both go when it is closed or dropped. Commits do not wait
    /// for the disk.
    pub async fn open_temporary(clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let folder = tempfile::tempdir().map_err(|source| OpenError::Folder {
            folder: std::env::temp_dir(),
            source,
        })?;
        let path = folder.path().to_owned();
        let options = SqliteOptions {
            durable: false,
            ..SqliteOptions::default()
        };
        let lock = lock(&path)?;
        let store = Self::connect(&path, clock, &options, (lock, folder)).await?;
        store.migrate().await?;
        Ok(store)
    }

    async fn connect(
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &SqliteOptions,
        held: impl Send + 'static,
    ) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Database {
            folder: folder.to_owned(),
            source,
        };
        let clock = Arc::new(Steady::new(clock));
        let connect = connect_options(&folder.join(DATABASE), options);
        let gate = Arc::new(Mutex::new(()));
        let writer = Writer::start(&connect, Arc::clone(&clock), Arc::clone(&gate), held)
            .await
            .map_err(failed)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .test_before_acquire(false)
            .connect_with(connect.clone().read_only(true).pragma("cache_size", READER_CACHE))
            .await
            .map_err(|error| failed(store_error(error)))?;
        let product = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(at_rest(connection)))
            .connect_lazy_with(connect.clone());
        Ok(Self {
            writer,
            readers,
            product,
            gate,
            clock,
            folder: folder.to_owned(),
            connect,
        })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let failed = |source| OpenError::Migration {
            folder: self.folder.clone(),
            source: Box::new(source),
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(self.connect.clone());
        let migrated =
            levqor_migration::migrate(&SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone())).await;
        pool.close().await;
        migrated.map_err(failed)
    }

    /// Waits until all accepted writes are committed, then closes the database and gives the folder free. Calls made
    /// later fail.
    pub async fn close(&self) {
        self.readers.close().await;
        self.product.close().await;
        self.writer.close().await;
    }
}

/// Whether a connection that comes back is out of its transaction. SQLite ends one by itself when the disk is full; sqlx
/// then counts it as open for ever, and each later one as a savepoint in it.
async fn at_rest(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |source| OpenError::Folder {
        folder: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = File::options()
        .create(true)
        .append(true)
        .open(folder.join(LOCK))
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// WAL, full synchronisation (P15), and a statement cache that holds every statement of this store.
pub(super) fn connect_options(file: &Path, options: &SqliteOptions) -> SqliteConnectOptions {
    let synchronous = if options.durable {
        SqliteSynchronous::Full
    } else {
        SqliteSynchronous::Off
    };
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY)
        .statement_cache_capacity(256)
        .row_buffer_size(1_024)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("temp_store", "memory")
}
