//! Taking out what names a person; the chain stays whole.

use levqor_entities::audit_events::{self, Column};
use levqor_store::{Db, StoreError, TenantId, Timestamp, Tx, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

/// Erases payload, salt and user id of all entries about a person, in the caller's transaction. How many there were.
pub async fn erase(tx: &Tx, tenant: TenantId, user: UserId) -> Result<u64, StoreError> {
    let erased = audit_events::erase(tenant)
        .filter(Column::UserId.eq(user))
        .exec(&**tx)
        .await;
    Ok(erased.map_err(|error| tx.error(error))?.rows_affected)
}

/// Erases the payload of at most `limit` entries of any tenant that were written before this time, the oldest first.
/// How many there were; call it again until it says 0.
pub async fn expire(db: &Db, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
    let found = audit_events::find_kept(before)
        .limit(limit)
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let Some(tenant) = found.first().map(|entry| entry.tenant_id) else {
        return Ok(0);
    };
    // One tenant at a time: the others' turn comes with the next call.
    let own = found.iter().filter(|entry| entry.tenant_id == tenant);
    let tx = db.begin().await?;
    let erased = audit_events::erase(tenant)
        .filter(Column::Id.is_in(own.map(|entry| entry.id)))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(erased.rows_affected)
}
