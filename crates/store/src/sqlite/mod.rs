//! The embedded store: one SQLite file, one writer, a few readers (P15).

mod append;
mod catalogue;
mod claim;
mod end;
mod error;
mod events;
mod expire;
mod fence;
mod inbox;
mod insert;
mod intake;
mod leader;
mod open;
mod outbox;
mod park;
mod read;
mod read_only;
mod rescue;
mod rows;
mod scheduler;
mod schedules;
mod steady;
mod sweep;
#[cfg(test)]
mod tests;
mod timers;
mod worker;
mod workers;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, SqlxSqliteConnector};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow};
use sqlx::{ColumnIndex, Decode, Row, Sqlite, SqlitePool, Type, query::Query};
use tokio::sync::Mutex;

pub use open::{OpenError, SqliteOptions};

use crate::{Db, Store, StoreError, Timestamp, bounded::Bounded, db::Now};
use error::{orm_error, store_error};
use steady::Steady;
use writer::{Tx, Writer};

/// A [`Store`] in a data folder of this machine.
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    /// Writes of the product's tables; takes turns with the writer through `gate`.
    product: SqlitePool,
    gate: Arc<Mutex<()>>,
    clock: Arc<Steady>,
    folder: PathBuf,
    connect: SqliteConnectOptions,
}

impl SqliteStore {
    async fn write<T: Send + 'static>(
        &self,
        rows: usize,
        work: impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(rows, work).await
    }

    async fn read(&self, query: Query<'_, Sqlite, SqliteArguments>) -> Result<Vec<SqliteRow>, StoreError> {
        query.fetch_all(&self.readers).await.map_err(store_error)
    }

    async fn read_first(
        &self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Option<SqliteRow>, StoreError> {
        query.fetch_optional(&self.readers).await.map_err(store_error)
    }
}

/// Nobody can go away without a word inside of one process.
fn unbounded(pool: SqlitePool) -> Bounded<DatabaseConnection> {
    Bounded {
        inner: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool),
        limit: Duration::MAX,
    }
}

/// A column of a row; one that cannot be read is [`StoreError::Corrupt`].
fn get<'r, T, I>(row: &'r SqliteRow, column: I) -> Result<T, StoreError>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
    I: ColumnIndex<SqliteRow>,
{
    row.try_get(column).map_err(store_error)
}

/// A number that SQLite holds in 64 bits.
fn int<T: TryFrom<i64>>(value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Corrupt(format!("a stored number is out of range: {value}")))
}

#[async_trait]
impl Store for SqliteStore {
    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.clock.now())
    }

    fn db(&self) -> Db {
        let clock = Arc::clone(&self.clock);
        Db {
            read: unbounded(self.readers.clone()),
            write: unbounded(self.product.clone()),
            gate: Some(Arc::clone(&self.gate)),
            clock: Now::Embedded(Arc::new(move || clock.now())),
            sort: orm_error,
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read_first(sqlx::query("SELECT term FROM leader")).await?;
        self.write(0, |_| Box::pin(async { Ok(()) })).await
    }
}
