//! Addresses that get no mail. A row names its address by an HMAC only, so it can stay when the person is erased.
//!
//! Rows are a tenant's own: what one tenant's mails met says nothing to another.

use levqor_entities::mail_suppressions::{self as table, Column, Model};
use levqor_platform::{Platform, Secrets};
use levqor_store::{Db, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ExprTrait, Insert, QueryFilter,
    sea_query::{Expr, OnConflict},
};

pub use levqor_entities::mail_suppressions::Cause;

/// Why an address gets no mail, or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Why.
    pub cause: Cause,
    /// When the provider saw it.
    pub since: Timestamp,
}

/// What an address is known by.
fn mac(secrets: &Secrets, tenant: TenantId, address: &str) -> Vec<u8> {
    secrets
        .mac("mail suppression v1", &[tenant.0.as_bytes(), address.as_bytes()])
        .to_vec()
}

/// How this address is suppressed in a tenant; `address` is normalised.
pub async fn find(
    db: &Db,
    secrets: &Secrets,
    tenant: TenantId,
    address: &str,
) -> Result<Vec<Suppression>, StoreError> {
    let rows = table::secure_find(tenant)
        .filter(Column::Address.eq(mac(secrets, tenant, address)))
        .filter(Column::LiftedAt.is_null())
        .all(db.reader())
        .await;
    let shown = |row: Model| Suppression {
        cause: row.cause,
        since: row.since,
    };
    Ok(rows
        .map_err(|error| db.error(error))?
        .into_iter()
        .map(shown)
        .collect())
}

/// Why this address is suppressed; None without a secret key.
pub(crate) async fn causes(
    platform: &Platform,
    tenant: TenantId,
    address: &str,
) -> Result<Option<Vec<Cause>>, StoreError> {
    let Some(secrets) = &platform.secrets else {
        return Ok(None);
    };
    let found = find(&platform.db, secrets, tenant, address).await?;
    Ok(Some(found.into_iter().map(|found| found.cause).collect()))
}

/// Suppresses an address for what was seen at `at`. What was seen before the row was lifted changes nothing, in
/// whatever order and however often it is told.
pub(crate) async fn add(
    tx: &Tx,
    secrets: &Secrets,
    tenant: TenantId,
    address: &str,
    cause: Cause,
    at: Timestamp,
) -> Result<(), StoreError> {
    let row = table::ActiveModel {
        tenant_id: Set(tenant),
        address: Set(mac(secrets, tenant, address)),
        cause: Set(cause),
        since: Set(at),
        lifted_at: Set(None),
    };
    let mut again = OnConflict::columns([Column::TenantId, Column::Address, Column::Cause]);
    again
        .value(Column::Since, at)
        .value(Column::LiftedAt, None::<i64>)
        .action_and_where(Expr::col(("mail_suppressions", "lifted_at")).lt(at));
    let written = Insert::one(row)
        .on_conflict(again)
        .exec_without_returning(&**tx)
        .await;
    written.map(drop).map_err(|error| tx.error(error))
}

/// Lets mail go to this address again; the digest by which the row names it. None when it was not suppressed.
pub async fn lift(
    tx: &Tx,
    secrets: &Secrets,
    tenant: TenantId,
    address: &str,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let address = mac(secrets, tenant, address);
    let lifted = table::secure_update(tenant)
        .col_expr(Column::LiftedAt, Expr::value(now))
        .filter(Column::Address.eq(address.clone()))
        .filter(Column::LiftedAt.is_null())
        .exec(&**tx)
        .await;
    let lifted = lifted.map_err(|error| tx.error(error))?.rows_affected > 0;
    Ok(lifted.then_some(address))
}
