//! Looking at a data folder that another process may have open.

use std::{path::Path, sync::Arc};

use sqlx::sqlite::SqlitePoolOptions;
use tokio::sync::Mutex;

use super::{
    SqliteStore,
    error::orm_error,
    open::{DATABASE, SqliteOptions, connect_options},
    steady::Steady,
    unbounded,
};
use crate::{Clock, Db, StoreError, db::Now};

impl SqliteStore {
    /// The tables of the folder's database, for reading only, also while another process serves from it: a reader never
    /// disturbs the writer.
    ///
    /// # Errors
    /// [`StoreError::Setup`] when there is no database or its schema is behind this program.
    pub async fn read_only(folder: &Path, clock: Arc<dyn Clock>) -> Result<Db, StoreError> {
        let file = folder.join(DATABASE);
        if !file.exists() {
            return Err(StoreError::Setup(format!("{} is not there", file.display())));
        }
        let connect = connect_options(&file, &SqliteOptions::default()).read_only(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(connect);
        let read = unbounded(pool);
        let behind = levqor_migration::pending(read.unbounded())
            .await
            .map_err(orm_error)?;
        if let Some(name) = behind.first() {
            return Err(StoreError::Setup(format!(
                "migration {name} is missing; run `levqor migrate`"
            )));
        }
        let clock = Steady::new(clock);
        Ok(Db {
            write: read.clone(),
            read,
            gate: Some(Arc::new(Mutex::new(()))),
            clock: Now::Embedded(Arc::new(move || clock.now())),
            sort: orm_error,
        })
    }
}
