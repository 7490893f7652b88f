//! The beginning of a sweep.

use std::time::Duration;

use levqor_entities::{
    ids::SweepId,
    retention_certificates,
    retention_parts::{self, State},
    retention_sweeps,
};
use levqor_platform::Platform;
use levqor_processes::SYSTEM;
use levqor_store::{Db, StoreError, Tx};
use sea_orm::{ColumnTrait, EntityTrait, Insert, IntoActiveModel, QueryFilter, sea_query::OnConflict};

use super::SweepError;
use crate::{
    install::install,
    policy::{By, policies},
    rules::{Rule, rules},
};

/// Begins the sweep with this id: from now on ages are counted up to this moment, and no batch begins after `longest`.
/// Answers the rules it applies. A repeat changes nothing and answers the same; none when it is certified already.
///
/// # Errors
/// [`SweepError::NotConfigured`] without the installation's key, and what the database says.
pub async fn begin(
    platform: &Platform,
    id: SweepId,
    longest: Duration,
) -> Result<Vec<&'static str>, SweepError> {
    platform.secrets("retention")?;
    let db = &platform.db;
    if certified(db, id).await? {
        return Ok(Vec::new());
    }
    install(db).await?;
    let rules = rules(db, None).await?;
    let now = db.now().await?;
    let sweep = retention_sweeps::Model {
        id,
        as_of: now,
        deadline: now.after(longest),
    };
    let tx = db.begin().await?;
    let once = OnConflict::column(retention_sweeps::Column::Id)
        .do_nothing()
        .to_owned();
    let written = Insert::one(sweep.into_active_model())
        .on_conflict(once)
        .exec_without_returning(&*tx)
        .await;
    if written.map_err(|error| tx.error(error))? > 0 {
        parts(&tx, id, &rules).await?;
    }
    tx.commit().await?;
    Ok(policies()
        .filter(|policy| policy.by == By::Sweep)
        .map(|policy| policy.dataset)
        .collect())
}

async fn parts(tx: &Tx, sweep_id: SweepId, rules: &[Rule]) -> Result<(), StoreError> {
    let swept = rules.iter().filter(|rule| rule.policy.by == By::Sweep);
    let rows = swept.map(|rule| {
        let part = retention_parts::Model {
            sweep_id,
            dataset: rule.stored.dataset.clone(),
            version: rule.stored.version,
            days: rule.stored.days,
            state: State::Open,
        };
        part.into_active_model()
    });
    let written = Insert::many(rows).exec_without_returning(&**tx).await;
    written.map(drop).map_err(|error| tx.error(error))
}

/// A sweep that is under way.
pub(crate) async fn find(db: &Db, id: SweepId) -> Result<Option<retention_sweeps::Model>, StoreError> {
    let found = retention_sweeps::Entity::find_by_id(id).one(db.reader()).await;
    found.map_err(|error| db.error(error))
}

/// Whether the installation's certificate of this sweep is there.
async fn certified(db: &Db, id: SweepId) -> Result<bool, StoreError> {
    let own =
        retention_certificates::secure_find(SYSTEM).filter(retention_certificates::Column::SweepId.eq(id));
    let found = own.one(db.reader()).await.map_err(|error| db.error(error))?;
    Ok(found.is_some())
}
