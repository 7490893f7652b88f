//! Consents that nobody confirmed: they expire, and later nothing is left of them (domain 2.8).

use std::time::Duration;

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    consent_contacts as contacts,
    consent_events::{self as events, Kind},
    consent_links as links,
    consents::{self, Status},
};
use levqor_platform::Platform;
use levqor_store::{StoreError, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::{
    Evidence,
    record::{Change, Work},
    sender::controller,
    wording,
};

/// How long a link to confirm is good, and a consent pending.
pub const LIFE: Duration = Duration::from_hours(7 * 24);

/// When a consent that was never given is purged, counted from the question.
pub const PURGED_AFTER: Duration = Duration::from_hours(30 * 24);

/// Consents a call handles, each in a transaction of its own: a chain of the audit trail is held by one only.
const BATCH: u64 = 200;

/// Marks consents of all tenants that were not confirmed in time. How many; call again until it is none.
///
/// # Errors
/// The database is away.
pub async fn expire(platform: &Platform) -> Result<usize, StoreError> {
    let db = &platform.db;
    let now = db.now().await?;
    let due = consents::find_lapsed(before(now, LIFE))
        .limit(BATCH)
        .all(db.reader())
        .await;
    let due = due.map_err(|error| db.error(error))?;
    for consent in &due {
        expire_one(platform, now, consent).await?;
    }
    Ok(due.len())
}

/// Deletes consents of all tenants that were never given, with all that tells of them, less those that a legal hold keeps.
/// How many; call again until it is none.
///
/// # Errors
/// The database is away.
pub async fn purge(platform: &Platform) -> Result<usize, StoreError> {
    let db = &platform.db;
    let now = db.now().await?;
    let due = consents::find_never_given(before(now, PURGED_AFTER))
        .limit(BATCH)
        .all(db.reader())
        .await;
    let due = due.map_err(|error| db.error(error))?;
    for consent in &due {
        purge_one(platform, now, consent).await?;
    }
    Ok(due.len())
}

async fn expire_one(platform: &Platform, now: Timestamp, due: &consents::Model) -> Result<(), StoreError> {
    let controller = controller(platform, due.tenant_id).await?;
    let tx = platform.db.begin().await?;
    let work = Work {
        tx: &tx,
        platform,
        tenant: due.tenant_id,
        now,
        controller: &controller,
    };
    let still = |consent: &consents::Model| {
        consent.status == Status::PendingDoubleOptIn && consent.requested_at == due.requested_at
    };
    let Some(consent) = work.turn_of(due.id).await?.filter(still) else {
        return Ok(());
    };
    let change = Change {
        kind: Kind::Expired,
        method: "timeout",
        wording: &wording::find(&work, consent.wording_id).await?,
        evidence: &Evidence::default(),
        actor: Actor::System,
    };
    work.apply(consent, &change).await?;
    tx.commit().await
}

async fn purge_one(platform: &Platform, now: Timestamp, due: &consents::Model) -> Result<(), StoreError> {
    let tx = platform.db.begin().await?;
    // A hold that was placed before is seen below; one that is placed from here on waits.
    tx.hold_still().await?;
    let work = Work {
        tx: &tx,
        platform,
        tenant: due.tenant_id,
        now,
        controller: "",
    };
    work.turn_of(due.id).await?;
    let still = consents::find_never_given(before(now, PURGED_AFTER)).filter(consents::Column::Id.eq(due.id));
    let Some(consent) = still.one(&*tx).await.map_err(|error| tx.error(error))? else {
        return Ok(());
    };
    work.delete(&consent).await?;
    let entry = Entry {
        tenant: consent.tenant_id,
        stream: "consent",
        kind: "consent.purged",
        actor: Actor::System,
        subject: consent.user_id,
        detail: &json!({"consent": consent.id, "scope": consent.scope}),
    };
    levqor_audit::append(&tx, platform, now, entry).await?;
    tx.commit().await
}

impl Work<'_> {
    /// Deletes a consent, what happened to it, its links, and its address when that was the last one.
    async fn delete(&self, consent: &consents::Model) -> Result<(), StoreError> {
        let (tx, tenant) = (&**self.tx, self.tenant);
        let error = |error| self.tx.error(error);
        events::secure_delete(tenant, consent.id)
            .exec(tx)
            .await
            .map_err(error)?;
        let own = links::secure_delete(tenant).filter(links::Column::Target.eq(consent.id.0));
        own.exec(tx).await.map_err(error)?;
        let row = consents::secure_delete(tenant).filter(consents::Column::Id.eq(consent.id));
        row.exec(tx).await.map_err(error)?;
        let others = consents::secure_find(tenant).filter(consents::Column::Email.eq(&consent.email));
        if others.one(tx).await.map_err(error)?.is_none() {
            let contact = contacts::secure_delete(tenant).filter(contacts::Column::Id.eq(consent.contact_id));
            contact.exec(tx).await.map_err(error)?;
        }
        Ok(())
    }
}

fn before(now: Timestamp, age: Duration) -> Timestamp {
    Timestamp(
        now.0
            .saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX)),
    )
}
