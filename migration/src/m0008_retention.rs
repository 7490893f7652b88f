//! Retention: rules, holds, sweeps, certificates.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use crate::portable::Portable;

const TABLES: Portable = Portable {
    name: "m0008_retention",
    sql: include_str!("../sql/0008_retention.sql"),
};

/// SQLite deletes ended runs row by row; Postgres drops their partitions, and its `ended` needs no such index.
const EXPIRY: &str = "CREATE INDEX ended_expiry ON ended (class, ended_at)";

/// See `sql/0008_retention.sql`.
pub(crate) struct Retention;

impl MigrationName for Retention {
    fn name(&self) -> &str {
        TABLES.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Retention {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        TABLES.up(manager).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            manager.get_connection().execute_unprepared(EXPIRY).await?;
        }
        Ok(())
    }
}
