//! Writes of the role's sessions that do not pile up.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// See `sql/0015_even_writes.sql`. SQLite hands its pages over with each checkpoint.
pub(crate) struct EvenWrites;

impl MigrationName for EvenWrites {
    fn name(&self) -> &'static str {
        "m0015_even_writes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EvenWrites {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let sql = include_str!("../sql/0015_even_writes.sql");
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
