//! The migrations on real databases.

use anyhow::Result;
use levqor_migration::{migrate, pending, version};
use levqor_testkit::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

async fn from_nothing(db: &DatabaseConnection) -> Result<()> {
    let all = pending(db).await?;
    assert_eq!(all[0], "m0001_initial");
    assert!(all.is_sorted(), "{all:?}");
    assert_eq!(version(db).await?, None);
    migrate(db).await?;
    assert!(pending(db).await?.is_empty());
    assert_eq!(version(db).await?.as_ref(), all.last());
    migrate(db).await?;
    Ok(())
}

#[tokio::test]
async fn sqlite_is_migrated_from_nothing_and_again_without_effect() -> Result<()> {
    from_nothing(&Database::connect("sqlite::memory:").await?).await
}

#[tokio::test]
async fn postgres_is_migrated_from_nothing_and_again_without_effect() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    from_nothing(&Database::connect(url).await?).await
}

#[tokio::test]
async fn processes_that_migrate_postgres_at_once_take_turns() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    let (one, two) = (Database::connect(&url).await?, Database::connect(&url).await?);
    let (first, second) = tokio::join!(migrate(&one), migrate(&two));
    first?;
    second?;
    assert!(pending(&one).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_settings_come_with_the_role_to_new_sessions() -> Result<()> {
    let url = Postgres::shared().await?.create_database().await?;
    migrate(&Database::connect(&url).await?).await?;
    let fresh = Database::connect(&url).await?;
    for (setting, expected) in [
        ("enable_seqscan", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("backend_flush_after", "512kB"),
    ] {
        let show = Statement::from_string(DbBackend::Postgres, format!("SHOW {setting}"));
        let row = fresh.query_one_raw(show).await?.expect("one row");
        assert_eq!(row.try_get_by_index::<String>(0)?, expected, "{setting}");
    }
    Ok(())
}
