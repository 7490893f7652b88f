//! The product's tables: everything but runs, read and written through the entities, the same on both databases.
//!
//! Runs have statements of their own (`postgres/`, `sqlite/`), since they are many and fenced. What people, mails and
//! invoices need is neither, so it goes through sea-orm: [`Db::reader`] for reads, [`Db::begin`] for writes.

use std::{ops::Deref, sync::Arc};

use levqor_entities::ids::Timestamp;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    StoreError,
    bounded::{self, Bounded},
    postgres::Line,
};

/// Sorts an error of sea-orm into the store's kinds, as the database at hand codes them.
type Sort = fn(DbErr) -> StoreError;

/// The tables of the product. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) read: Bounded<DatabaseConnection>,
    pub(crate) write: Bounded<DatabaseConnection>,
    /// One writer at a time, in order of asking; on Postgres there is none to wait for.
    pub(crate) gate: Option<Arc<Mutex<()>>>,
    pub(crate) clock: Now,
    pub(crate) sort: Sort,
}

/// Where the store's time comes from.
#[derive(Clone)]
pub(crate) enum Now {
    /// The database's own clock.
    Postgres(Line),
    /// The embedded store's clock.
    Embedded(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl Db {
    /// For reads outside of a transaction.
    pub fn reader(&self) -> &Bounded<DatabaseConnection> {
        &self.read
    }

    /// Begins a transaction that may write. On SQLite nobody else writes meanwhile, runs neither: keep it short, and
    /// ask nobody outside before [`Tx::commit`].
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let turn = match &self.gate {
            Some(gate) => Some(gate.clone().lock_owned().await),
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: turn.is_some().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = self
            .write
            .in_time(self.write.inner.begin_with_options(options))
            .await;
        Ok(Tx {
            inner: begun.map(|begun| self.write.with(begun)).map_err(self.sort)?,
            sort: self.sort,
            _turn: turn,
        })
    }

    /// The store's clock. All wall times stored or compared come from it.
    pub async fn now(&self) -> Result<Timestamp, StoreError> {
        match &self.clock {
            Now::Embedded(clock) => Ok(clock()),
            Now::Postgres(line) => line.now().await,
        }
    }

    /// For `map_err`: what an error of the database means for the caller.
    pub fn error(&self, error: DbErr) -> StoreError {
        (self.sort)(error)
    }
}

/// A transaction; dropped without [`Tx::commit`] it changes nothing. Entities take it as `&*tx`.
pub struct Tx {
    inner: Bounded<DatabaseTransaction>,
    sort: Sort,
    // Dropped after `inner`, whose rollback it outlives.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    /// Makes it last. An error that is [`StoreError::Unavailable`] leaves the outcome unknown.
    pub async fn commit(self) -> Result<(), StoreError> {
        let limit = self.inner.limit;
        bounded::within(limit, self.inner.inner.commit())
            .await
            .map_err(self.sort)
    }

    /// For `map_err`: what an error of the database means for the caller.
    pub fn error(&self, error: DbErr) -> StoreError {
        (self.sort)(error)
    }
}

impl Deref for Tx {
    type Target = Bounded<DatabaseTransaction>;

    fn deref(&self) -> &Bounded<DatabaseTransaction> {
        &self.inner
    }
}
