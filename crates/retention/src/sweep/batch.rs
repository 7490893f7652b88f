//! One batch: rows go and are counted in one transaction, under the row of their part. So a crash loses no count, two
//! workers at one part take turns, and no batch comes after the part is closed.

use std::collections::BTreeMap;

use levqor_entities::{ids::SweepId, retention_objects};
use levqor_platform::{Platform, Secrets};
use levqor_processes::SYSTEM;
use levqor_store::{Gone, Span, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{Insert, IntoActiveModel, sea_query::OnConflict};

use super::{
    begin,
    counts::{self, Count, Key},
    digest, parts,
};
use crate::policy::Policy;

/// Most rows of a batch.
pub const BATCH: u16 = 500;

/// What a batch did.
pub(super) struct Batch {
    pub(super) rows: u64,
    /// Clock of its youngest row: the next batch need not look before.
    pub(super) last: Timestamp,
    /// It was full: there may be more.
    pub(super) more: bool,
    /// The deadline is over; nothing was done.
    pub(super) late: bool,
}

/// None when the part is closed.
pub(super) async fn run(
    platform: &Platform,
    secrets: &Secrets,
    sweep: SweepId,
    policy: &Policy,
    span: &Span,
) -> Result<Option<Batch>, StoreError> {
    let Some(found) = begin::find(&platform.db, sweep).await? else {
        return Ok(None);
    };
    let late = platform.db.now().await? > found.deadline;
    let tx = platform.db.begin().await?;
    tx.hold_still().await?;
    if !parts::lock(&tx, sweep, policy.dataset).await? {
        return Ok(None);
    }
    let gone = if late {
        Vec::new()
    } else {
        tx.expire(&policy.target(), span, BATCH.into()).await?
    };
    count(&tx, secrets, sweep, policy.dataset, &gone).await?;
    doom(&tx, policy, &gone).await?;
    tx.commit().await?;
    Ok(Some(Batch {
        rows: gone.len() as u64,
        last: gone.iter().map(|row| row.clock).max().unwrap_or(span.from),
        more: gone.len() == usize::from(BATCH),
        late,
    }))
}

async fn count(
    tx: &Tx,
    secrets: &Secrets,
    sweep: SweepId,
    dataset: &str,
    gone: &[Gone],
) -> Result<(), StoreError> {
    let mut sums: BTreeMap<Key, Count> = BTreeMap::new();
    for row in gone {
        let tenant = owner(row);
        let sum = sums
            .entry(Key {
                tenant,
                days: row.days,
            })
            .or_default();
        let own = digest::of_row(secrets, dataset, tenant, &row.id);
        sum.gone += 1;
        sum.digest = Some(sum.digest.map_or(own, |all| digest::add(&all, &own)));
    }
    counts::add(tx, sweep, dataset, sums).await
}

/// Rows that are nobody's are the installation's.
fn owner(row: &Gone) -> TenantId {
    row.tenant.unwrap_or(SYSTEM)
}

/// Remembers the objects of rows that go: the row and its object's sentence are one commit, so neither a crash nor an
/// outage of the storage leaves an object that nothing names.
async fn doom(tx: &Tx, policy: &Policy, gone: &[Gone]) -> Result<(), StoreError> {
    let rows: Vec<_> = gone.iter().flat_map(|row| doomed(policy, row)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let key = [
        retention_objects::Column::Dataset,
        retention_objects::Column::Object,
    ];
    let once = OnConflict::columns(key).do_nothing().to_owned();
    let written = Insert::many(rows)
        .on_conflict(once)
        .exec_without_returning(&**tx)
        .await;
    written.map(drop).map_err(|error| tx.error(error))
}

fn doomed(policy: &Policy, row: &Gone) -> impl Iterator<Item = retention_objects::ActiveModel> {
    policy.objects.iter().map(|pattern| {
        let doomed = retention_objects::Model {
            tenant_id: owner(row),
            object: pattern.replace("{}", &row.id),
            dataset: policy.dataset.to_owned(),
            days: row.days,
        };
        doomed.into_active_model()
    })
}
