//! Objects whose rows have gone.

use std::collections::BTreeMap;

use levqor_entities::{
    ids::SweepId,
    retention_objects::{self, Model},
};
use levqor_objects::{Key as ObjectKey, ObjectError};
use levqor_platform::Platform;
use levqor_store::StoreError;
use sea_orm::QuerySelect;

use super::{
    counts::{self, Count, Key},
    parts,
};
use crate::policy::Policy;

/// Objects looked up at once.
const AT_ONCE: u64 = 100;

/// Deletes the objects of a rule's rows that have gone, those that earlier sweeps could not delete too. How many went,
/// and whether all did: what the storage refuses is tried again by the next sweep.
pub(super) async fn remove(
    platform: &Platform,
    sweep: SweepId,
    policy: &Policy,
) -> Result<(u64, bool), StoreError> {
    let mut removed = 0;
    if policy.objects.is_empty() {
        return Ok((removed, true));
    }
    loop {
        let doomed = retention_objects::of_dataset(policy.dataset).limit(AT_ONCE);
        let doomed = doomed.all(platform.db.reader()).await;
        let doomed = doomed.map_err(|error| platform.db.error(error))?;
        if doomed.is_empty() {
            return Ok((removed, true));
        }
        for object in &doomed {
            if let Err(error) = delete(platform, object).await {
                tracing::warn!(dataset = policy.dataset, %error, "an object is deleted later");
                return Ok((removed, false));
            }
            removed += forget(platform, sweep, object).await?;
        }
    }
}

async fn delete(platform: &Platform, doomed: &Model) -> Result<(), ObjectError> {
    match ObjectKey::new(doomed.object.as_str()) {
        Some(key) => platform.objects.delete(&key).await,
        // Nothing can be stored under what is no key.
        None => Ok(()),
    }
}

/// Only after the object is gone. Counts it once, whoever deleted it.
async fn forget(platform: &Platform, sweep: SweepId, doomed: &Model) -> Result<u64, StoreError> {
    let tx = platform.db.begin().await?;
    let gone = retention_objects::forget(&doomed.dataset, &doomed.object)
        .exec(&*tx)
        .await;
    let gone = gone.map_err(|error| tx.error(error))?.rows_affected;
    if gone > 0 && parts::lock(&tx, sweep, &doomed.dataset).await? {
        let key = Key {
            tenant: doomed.tenant_id,
            days: doomed.days,
        };
        let count = Count {
            objects: 1,
            ..Count::default()
        };
        counts::add(&tx, sweep, &doomed.dataset, BTreeMap::from([(key, count)])).await?;
    }
    tx.commit().await?;
    Ok(gone)
}
