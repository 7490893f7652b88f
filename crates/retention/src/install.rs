//! Writing the rules into the database.

use levqor_entities::retention_policies::{self, ActiveModel, Column, Model};
use levqor_store::{Db, StoreError, Timestamp};
use sea_orm::{Insert, IntoActiveModel, sea_query::OnConflict};

use crate::policy::{Policy, policies};

/// Writes the versions of rules that are not there yet. Safe to repeat, and to do in several processes at once.
///
/// # Errors
/// The database is away, or a rule was changed without a new version: a mistake of this program.
pub async fn install(db: &Db) -> Result<(), StoreError> {
    let found = retention_policies::find_all().all(db.reader()).await;
    let found = found.map_err(|error| db.error(error))?;
    let now = db.now().await?;
    let mut missing = Vec::new();
    for policy in policies() {
        let new = row(policy, now);
        match found.iter().find(|row| same_version(row, &new)) {
            Some(old)
                if Model {
                    installed_at: now,
                    ..old.clone()
                } != new =>
            {
                let dataset = policy.dataset;
                return Err(StoreError::Setup(format!(
                    "rule {dataset} was changed without a new version"
                )));
            }
            Some(_) => {}
            None => missing.push(new.into_active_model()),
        }
    }
    write(db, missing).await
}

async fn write(db: &Db, missing: Vec<ActiveModel>) -> Result<(), StoreError> {
    if missing.is_empty() {
        return Ok(());
    }
    let tx = db.begin().await?;
    // Another process may have been faster.
    let once = OnConflict::columns([Column::Dataset, Column::Version])
        .do_nothing()
        .to_owned();
    let written = Insert::many(missing)
        .on_conflict(once)
        .exec_without_returning(&*tx)
        .await;
    written.map_err(|error| tx.error(error))?;
    tx.commit().await
}

fn same_version(old: &Model, new: &Model) -> bool {
    old.dataset == new.dataset && old.version == new.version
}

fn row(policy: &Policy, installed_at: Timestamp) -> Model {
    let (least_days, most_days) = policy.bounds();
    Model {
        dataset: policy.dataset.to_owned(),
        version: policy.version,
        table_name: policy.table().to_owned(),
        clock: policy.clock.to_owned(),
        days: policy.days(),
        least_days,
        most_days,
        action: policy.action,
        basis: policy.basis.to_owned(),
        article: policy.article.to_owned(),
        owner: policy.owner.to_owned(),
        installed_at,
    }
}
