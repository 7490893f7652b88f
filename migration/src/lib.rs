//! The schema of Levqor's database: forward-only migrations, one set for Postgres and SQLite (README.md beside
//! this crate holds the rollout contract).
//!
//! On both databases times are microseconds since the Unix epoch in a 64-bit integer, ids are UUIDs (`uuid`, or a
//! BLOB of 16 bytes) and bodies are bytes.

mod m0001_initial;
mod m0002_people;
mod m0003_audit;
mod m0004_mail;
mod m0005_dsar;
mod m0006_consent;
mod m0007_billing;
mod m0008_retention;
mod m0009_reports;
mod m0010_notion;
mod m0011_status;
mod m0012_money;
mod m0013_autoscaler;
mod m0014_traces;
mod m0015_even_writes;
pub mod partitions;
mod portable;

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityName, EntityTrait, TransactionTrait,
    },
    seaql_migrations,
};

/// All migrations in order.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Initial),
            Box::new(m0002_people::PEOPLE),
            Box::new(m0003_audit::AUDIT),
            Box::new(m0004_mail::MAIL),
            Box::new(m0005_dsar::DSAR),
            Box::new(m0006_consent::CONSENT),
            Box::new(m0007_billing::BILLING),
            Box::new(m0008_retention::Retention),
            Box::new(m0009_reports::REPORTS),
            Box::new(m0010_notion::NOTION),
            Box::new(m0011_status::STATUS),
            Box::new(m0012_money::MONEY),
            Box::new(m0013_autoscaler::AUTOSCALER),
            Box::new(m0014_traces::TRACES),
            Box::new(m0015_even_writes::EvenWrites),
        ]
    }
}

/// Names no other advisory lock of this database uses: "levqor" in ASCII.
const MIGRATION_LOCK: i64 = 0x6c65_7671_6f72;

/// Brings the schema up to date in one transaction; does nothing when it is. Processes that start at once on
/// Postgres take turns. Fails when the database was migrated by a newer program.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Bound to the transaction, so that it holds behind a transaction pooler.
        let lock = format!("SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// Names of migrations that are yet to be applied, in order. Changes nothing. Those of a newer program are no
/// obstacle: the previous release works on the new schema.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let applied = applied(db).await?;
    let own = Migrator::migrations();
    let names = own.iter().map(|migration| migration.name().to_owned());
    Ok(names.filter(|name| !applied.contains(name)).collect())
}

/// Names of all applied migrations, also of those that this program does not know.
async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let table = seaql_migrations::Entity.table_name().to_owned();
    let manager = SchemaManager::new(db);
    if !manager.has_table(table).await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find().all(db).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Name of the last applied migration; None on an empty database. Changes nothing.
pub async fn version(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let applied = Migrator::get_applied_migrations_read_only(db).await?;
    Ok(applied.last().map(|migration| migration.name().to_owned()))
}
