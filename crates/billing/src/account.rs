//! The account of a tenant, and whether it is suspended.

use levqor_entities::{billing_accounts, billing_invoices};
use levqor_store::{Db, StoreError, TenantId, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::{Stage, trail::Desk};

/// Whether nothing new may start for this tenant: a bill of it has reached the last stage, and nobody promised to pay.
pub async fn suspended(db: &Db, tenant: TenantId) -> Result<bool, StoreError> {
    let worst = billing_invoices::find_past_due(tenant)
        .filter(billing_invoices::Column::Stage.eq(Stage::Suspended.code()))
        .limit(1)
        .one(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    if worst.is_none() {
        return Ok(false);
    }
    let account = account(db, tenant).await?;
    let now = db.now().await?;
    Ok(!account.is_some_and(|account| held(&account, now)))
}

/// The account, to be read.
pub(crate) async fn account(
    db: &Db,
    tenant: TenantId,
) -> Result<Option<billing_accounts::Model>, StoreError> {
    let found = billing_accounts::secure_find(tenant).one(db.reader()).await;
    found.map_err(|error| db.error(error))
}

/// The account, held until the end of the transaction: whoever changes a tenant's bills holds it first.
pub(crate) async fn locked(
    desk: Desk<'_>,
    tenant: TenantId,
) -> Result<Option<billing_accounts::Model>, StoreError> {
    let found = billing_accounts::secure_find(tenant)
        .lock_exclusive()
        .one(&**desk.tx)
        .await;
    found.map_err(|error| desk.error(error))
}

/// Whether payment is promised for later than now.
pub(crate) fn held(account: &billing_accounts::Model, now: Timestamp) -> bool {
    account.hold_until.is_some_and(|until| until > now)
}
