//! Counts that no sweep would certify: of services, and of sweeps that nobody ended.

use std::{collections::BTreeMap, time::Duration};

use levqor_entities::{
    ids::SweepId,
    retention_counts::{self, Column},
    retention_sweeps,
};
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    counts::{self, Count, Key},
    parts,
};

/// A sweep is abandoned when its deadline is over for so long: who goes on with one after a crash is quicker.
const ABANDONED: Duration = Duration::from_hours(24);

/// Moves them to this sweep, whose row the caller holds.
pub(crate) async fn adopt(tx: &Tx, sweep: SweepId, now: Timestamp) -> Result<(), StoreError> {
    take(tx, SweepId(Uuid::nil()), sweep).await?;
    let before = now
        .0
        .saturating_sub(i64::try_from(ABANDONED.as_micros()).unwrap_or(i64::MAX));
    let abandoned = retention_sweeps::Entity::find()
        .filter(retention_sweeps::Column::Deadline.lt(before))
        .filter(retention_sweeps::Column::Id.ne(sweep))
        .lock_exclusive();
    for old in abandoned.all(&**tx).await.map_err(|error| tx.error(error))? {
        parts::close_all(tx, old.id).await?;
        take(tx, old.id, sweep).await?;
        // Its parts go with it.
        let gone = retention_sweeps::Entity::delete_by_id(old.id).exec(&**tx).await;
        gone.map_err(|error| tx.error(error))?;
    }
    Ok(())
}

async fn take(tx: &Tx, from: SweepId, to: SweepId) -> Result<(), StoreError> {
    let found = retention_counts::of_sweep(from).lock_exclusive().all(&**tx).await;
    for row in found.map_err(|error| tx.error(error))? {
        let key = Key {
            tenant: row.tenant_id,
            days: row.days,
        };
        counts::add(tx, to, &row.dataset, BTreeMap::from([(key, Count::of(&row))])).await?;
    }
    let gone = retention_counts::Entity::delete_many()
        .filter(Column::SweepId.eq(from))
        .exec(&**tx)
        .await;
    gone.map(drop).map_err(|error| tx.error(error))
}
