//! The store on Postgres: hot statements in the forms of P1..P14, one query to a file, each beside its rule.
//!
//! Nothing here relies on the session: no LISTEN, no session locks, no settings, so a transaction pooler may stand
//! between. The planner settings come with the role (P14) and are checked at the start.

mod append;
mod beat;
mod catalogue;
mod claim;
mod connect;
mod deliver;
mod end;
mod error;
mod expire;
mod fates;
mod fence;
mod ingest;
mod intake;
mod lead;
mod line;
mod outbox;
mod park;
mod partitions;
mod read;
mod ready;
mod release;
mod rescue;
mod rows;
mod scheduler;
mod schedules;
mod settings;
mod sweep;
mod timers;
mod vacuum;
mod wake;
mod worker;

use async_trait::async_trait;
use sea_orm::DatabaseConnection;

pub use connect::{Options, migrate};
pub(crate) use line::Line;

use self::{
    error::{orm_error, store_error},
    sweep::Cursors,
};
use crate::{Db, Store, StoreError, Timestamp, bounded::Bounded, db::Now};

/// A store on Postgres. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct PostgresStore {
    /// Writes of intake and of workers: few connections, because more make them slower.
    hot: Line,
    /// Beats and the leader lease: nothing else may make them wait.
    pulse: Line,
    /// The leader's work.
    service: Line,
    /// Reads, so that they cannot starve writes.
    reads: Line,
    /// `reads` for the entities.
    orm: Bounded<DatabaseConnection>,
    /// Writes of the product's tables.
    product: Bounded<DatabaseConnection>,
    /// Where the next sweep goes on looking for strays.
    strays: Cursors,
}

#[async_trait]
impl Store for PostgresStore {
    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.pulse.now().await
    }

    fn db(&self) -> Db {
        Db {
            read: self.orm.clone(),
            write: self.product.clone(),
            gate: None,
            clock: Now::Postgres(self.reads.clone()),
            sort: orm_error,
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(&self.pulse)
            .await
            .map(drop)
            .map_err(store_error)
    }
}
