//! A round trip through the database: what is written can be read.

use levqor_entities::status_probe;
use levqor_store::{Db, StoreError};
use sea_orm::{EntityTrait, sea_query::Expr};

/// Writes the probe's row, commits, and reads it by the way that readers take.
pub async fn write_and_read(db: &Db) -> Result<(), StoreError> {
    let now = db.now().await?;
    let tx = db.begin().await?;
    status_probe::Entity::update_many()
        .col_expr(status_probe::Column::At, Expr::value(now))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await?;
    let found = status_probe::Entity::find_by_id(1).one(db.reader()).await;
    match found.map_err(|error| db.error(error))? {
        Some(_) => Ok(()),
        None => Err(StoreError::Corrupt(
            "the row of the status probe is gone".to_owned(),
        )),
    }
}
