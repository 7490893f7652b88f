//! What has gone, summed up for each tenant and period.

use std::collections::BTreeMap;

use levqor_entities::{
    ids::SweepId,
    retention_counts::{self, Column, Model},
};
use levqor_store::{StoreError, TenantId, Tx};
use sea_orm::{ColumnTrait, Insert, IntoActiveModel, QueryFilter, QuerySelect, sea_query::OnConflict};

use super::digest::{self, Digest};

/// Of what, within a sweep's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) tenant: TenantId,
    /// The period that applied.
    pub(crate) days: i64,
}

/// A sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) gone: i64,
    pub(crate) objects: i64,
    pub(crate) digest: Option<Digest>,
}

impl Count {
    pub(crate) fn of(row: &Model) -> Self {
        Self {
            gone: row.gone,
            objects: row.objects,
            digest: row.digest.as_deref().and_then(|digest| digest.try_into().ok()),
        }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            gone: self.gone + other.gone,
            objects: self.objects + other.objects,
            digest: match (self.digest, other.digest) {
                (Some(a), Some(b)) => Some(digest::add(&a, &b)),
                (a, b) => a.or(b),
            },
        }
    }
}

/// Adds to what is stored. Whoever calls holds the row of the sweep's part, so nobody adds at the same time.
pub(crate) async fn add(
    tx: &Tx,
    sweep: SweepId,
    dataset: &str,
    mut sums: BTreeMap<Key, Count>,
) -> Result<(), StoreError> {
    if sums.is_empty() {
        return Ok(());
    }
    let tenants: Vec<_> = sums.keys().map(|key| key.tenant).collect();
    let stored = retention_counts::of_sweep(sweep)
        .filter(Column::Dataset.eq(dataset))
        .filter(Column::TenantId.is_in(tenants))
        .lock_exclusive()
        .all(&**tx)
        .await
        .map_err(|error| tx.error(error))?;
    for row in stored {
        let key = Key {
            tenant: row.tenant_id,
            days: row.days,
        };
        sums.entry(key)
            .and_modify(|sum| *sum = sum.plus(&Count::of(&row)));
    }
    let rows = sums
        .into_iter()
        .map(|(key, sum)| row(sweep, dataset, key, sum).into_active_model());
    let replace = OnConflict::columns([Column::SweepId, Column::Dataset, Column::TenantId, Column::Days])
        .update_columns([Column::Gone, Column::Objects, Column::Digest])
        .to_owned();
    let written = Insert::many(rows)
        .on_conflict(replace)
        .exec_without_returning(&**tx)
        .await;
    written.map(drop).map_err(|error| tx.error(error))
}

fn row(sweep_id: SweepId, dataset: &str, key: Key, sum: Count) -> Model {
    Model {
        sweep_id,
        dataset: dataset.to_owned(),
        tenant_id: key.tenant,
        days: key.days,
        gone: sum.gone,
        objects: sum.objects,
        digest: sum.digest.map(Into::into),
    }
}
