//! The [`Store`] trait, in rooms by who calls: intake, workers, the scheduler, readers, the catalogue.

mod catalogue;
mod intake;
mod read;
mod schedule;
mod worker;

use async_trait::async_trait;

pub use catalogue::*;
pub use intake::*;
pub use read::*;
pub use schedule::*;
pub use worker::*;

use crate::{Db, StoreError, Timestamp};

/// A database that holds runs. Object-safe: roles hold an `Arc<dyn Store>`.
#[async_trait]
pub trait Store:
    Catalogue + IntakeStore + WorkerStore + SchedulerStore + ReadStore + Send + Sync + 'static
{
    /// The store's clock. All wall times stored or compared come from it.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// The tables of the product, in the same database.
    fn db(&self) -> Db;

    /// Asks the database for an answer; used by readiness.
    async fn ping(&self) -> Result<(), StoreError>;
}
