//! Legal holds. A hold ends by being released, never by itself.

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    data_map::{self, Owner},
    ids::HoldId,
    legal_holds::{self, Column, Model},
    users,
};
use levqor_platform::Platform;
use levqor_store::{Db, StoreError, TenantId, Timestamp, Tx, UserId};
use sea_orm::{ColumnTrait, Insert, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;

use crate::who::who;

/// What is to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHold {
    /// Only rows about this person; None: about anybody.
    pub user: Option<UserId>,
    /// Only rows of this table of the data map; None: of all.
    pub table: Option<String>,
    /// Who asks for it: a court, an authority, counsel.
    pub authority: String,
    /// What for.
    pub reason: String,
}

/// Why a hold cannot be placed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HoldError {
    /// The tenant has no such person.
    #[error("there is no user {0}")]
    UnknownUser(UserId),
    /// There is no such table with rows of tenants.
    #[error("there is no table {0}")]
    UnknownTable(String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Places a hold. Once this has returned, nothing that it covers is deleted by age: a batch that is under way is waited
/// for, and every later one sees the hold.
///
/// # Errors
/// See [`HoldError`].
pub async fn place(
    platform: &Platform,
    tenant: TenantId,
    new: NewHold,
    actor: Actor,
) -> Result<Model, HoldError> {
    if let Some(table) = &new.table
        && !data_map::entry(table).is_some_and(|entry| entry.owner != Owner::System)
    {
        return Err(HoldError::UnknownTable(table.clone()));
    }
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let email = match new.user {
        Some(user) => Some(address(&tx, tenant, user).await?),
        None => None,
    };
    let hold = Model {
        id: HoldId(platform.ids.uuid_v7()),
        tenant_id: tenant,
        user_id: new.user,
        email,
        table_name: new.table,
        authority: new.authority,
        reason: new.reason,
        placed_by: who(actor),
        placed_at: now,
        released_by: None,
        released_at: None,
        release_reason: None,
    };
    let written = Insert::one(hold.clone().into_active_model())
        .exec_without_returning(&*tx)
        .await;
    written.map_err(|error| tx.error(error))?;
    note(&tx, platform, now, &hold, "retention.hold_placed", actor).await?;
    tx.commit().await?;
    Ok(hold)
}

/// The person's row is locked until the hold is there, so that no erasure comes between.
async fn address(tx: &Tx, tenant: TenantId, user: UserId) -> Result<String, HoldError> {
    let person = users::secure_find(tenant)
        .filter(users::Column::Id.eq(user))
        .lock_shared();
    let person = person.one(&**tx).await.map_err(|error| tx.error(error))?;
    person
        .map(|person| person.email)
        .ok_or(HoldError::UnknownUser(user))
}

/// Releases a hold; None when the tenant has no such hold. One that is released already stays as it is.
///
/// # Errors
/// The database is away.
pub async fn release(
    platform: &Platform,
    tenant: TenantId,
    id: HoldId,
    reason: &str,
    actor: Actor,
) -> Result<Option<Model>, StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let released = legal_holds::secure_update(tenant)
        .filter(Column::Id.eq(id))
        .filter(Column::ReleasedAt.is_null())
        .col_expr(Column::ReleasedAt, Expr::value(now))
        .col_expr(Column::ReleasedBy, Expr::value(who(actor)))
        .col_expr(Column::ReleaseReason, Expr::value(reason))
        .exec(&*tx)
        .await
        .map_err(|error| tx.error(error))?;
    let hold = legal_holds::secure_find(tenant)
        .filter(Column::Id.eq(id))
        .one(&*tx)
        .await;
    let hold = hold.map_err(|error| tx.error(error))?;
    if let (Some(hold), 1) = (&hold, released.rows_affected) {
        note(&tx, platform, now, hold, "retention.hold_released", actor).await?;
    }
    tx.commit().await?;
    Ok(hold)
}

async fn note(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    hold: &Model,
    kind: &str,
    actor: Actor,
) -> Result<(), StoreError> {
    let detail = json!({
        "hold": hold.id,
        "table": hold.table_name,
        "authority": hold.authority,
        "reason": hold.release_reason.as_ref().unwrap_or(&hold.reason),
    });
    let entry = Entry {
        tenant: hold.tenant_id,
        stream: "retention",
        kind,
        actor,
        subject: hold.user_id,
        detail: &detail,
    };
    levqor_audit::append(tx, platform, now, entry).await
}

/// A tenant's holds, newest first, at most `limit` before `before`; released ones too when `all`.
///
/// # Errors
/// The database is away.
pub async fn holds(
    db: &Db,
    tenant: TenantId,
    all: bool,
    before: Option<HoldId>,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let mut found = legal_holds::secure_find(tenant)
        .order_by_desc(Column::Id)
        .limit(limit);
    if !all {
        found = found.filter(Column::ReleasedAt.is_null());
    }
    if let Some(before) = before {
        found = found.filter(Column::Id.lt(before));
    }
    found.all(db.reader()).await.map_err(|error| db.error(error))
}
