//! All tables of the first version.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement},
};

use crate::partitions;

/// See `sql/0001_*.sql`.
pub(crate) struct Initial;

impl MigrationName for Initial {
    fn name(&self) -> &'static str {
        "m0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Initial {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                db.execute_unprepared(include_str!("../sql/0001_postgres.sql"))
                    .await?;
                db.execute_unprepared(include_str!("../sql/planner_settings.sql"))
                    .await?;
                create_partitions(db).await
            }
            DbBackend::Sqlite => db
                .execute_unprepared(include_str!("../sql/0001_sqlite.sql"))
                .await
                .map(drop),
            other => Err(DbErr::Custom(format!("{other:?} is not supported"))),
        }
    }
}

/// The classes, their defaults, and the ranges of the first days, so that no first run lands in a default.
async fn create_partitions(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let clock = Statement::from_string(DbBackend::Postgres, "SELECT now_us() AS now");
    let row = db.query_one_raw(clock).await?;
    let now = row
        .ok_or_else(|| DbErr::Custom("the clock gave no row".to_owned()))?
        .try_get("", "now")?;
    for class in partitions::CLASSES {
        db.execute_unprepared(&partitions::create_class(class)).await?;
        for day in partitions::days_from(now, partitions::DAYS_AHEAD) {
            db.execute_unprepared(&partitions::create_day(class, day)).await?;
        }
    }
    Ok(())
}
