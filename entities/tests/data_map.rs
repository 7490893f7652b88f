//! I9: the data map is whole, on both databases.

use anyhow::{Result, ensure};
use levqor_entities::data_map::{ENDED_DAYS, Erasure, Owner, Subject, entries, entry};
use levqor_migration::{migrate, partitions};
use levqor_testkit::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

const SQLITE_COLUMNS: &str = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";

/// Partitions are parts of a table, not tables.
const POSTGRES_COLUMNS: &str = "SELECT c.relname::text, a.attname::text FROM pg_class c \
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";

async fn columns(db: &DatabaseConnection, sql: &str) -> Result<Vec<(String, String)>> {
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// What is wrong with the map for a database with these columns.
fn faults(columns: &[(String, String)]) -> Vec<String> {
    let has = |table: &str, column: &str| columns.iter().any(|(t, c)| t == table && c == column);
    let mut faults: Vec<String> = columns
        .iter()
        .filter(|(table, _)| entry(table).is_none())
        .map(|(table, _)| format!("{table} is not in the data map"))
        .collect();
    faults.dedup();
    for known in entries() {
        match known.owner {
            Owner::Tenant(column) | Owner::Run(column) if !has(known.table, column) => {
                faults.push(format!("{} has no column {column}", known.table));
            }
            Owner::System if known.erasure != Erasure::Untouched || has(known.table, "tenant_id") => {
                faults.push(format!(
                    "{} is nobody's, yet it is erased or names a tenant",
                    known.table
                ));
            }
            _ => {}
        }
        if let Subject::User(column) | Subject::Email(column) = known.subject
            && !has(known.table, column)
        {
            faults.push(format!("{} has no column {column}", known.table));
        }
        if known.subject == Subject::Nobody && has(known.table, "user_id") {
            faults.push(format!("{} names a person, but not to the data map", known.table));
        }
    }
    faults
}

async fn check(db: &DatabaseConnection, sql: &str) -> Result<()> {
    migrate(db).await?;
    let found = columns(db, sql).await?;
    ensure!(faults(&found).is_empty(), "{:?}", faults(&found));
    for known in entries() {
        ensure!(
            found.iter().any(|(table, _)| table == known.table),
            "there is no table {}",
            known.table
        );
    }
    db.execute_unprepared("CREATE TABLE stray (tenant_id INTEGER)")
        .await?;
    assert_eq!(faults(&columns(db, sql).await?), ["stray is not in the data map"]);
    Ok(())
}

#[tokio::test]
async fn every_table_of_sqlite_has_an_owner() -> Result<()> {
    check(&Database::connect("sqlite::memory:").await?, SQLITE_COLUMNS).await
}

#[tokio::test]
async fn every_table_of_postgres_has_an_owner() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    let db = Database::connect(url).await?;
    assert_eq!(db.get_database_backend(), DbBackend::Postgres);
    check(&db, POSTGRES_COLUMNS).await
}

#[test]
fn every_retention_class_has_its_days() {
    assert_eq!(ENDED_DAYS.map(|(class, _)| class), partitions::CLASSES);
}
