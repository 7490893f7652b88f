//! Who sends a tenant's marketing mail and answers for its consents.

use levqor_entities::{marketing_senders as senders, tenants};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId};
use sea_orm::ActiveValue::Set;

/// The tenant's sender, when it has said who that is.
///
/// # Errors
/// What the database says.
pub async fn sender(platform: &Platform, tenant: TenantId) -> Result<Option<senders::Model>, StoreError> {
    let db = &platform.db;
    let found = senders::secure_find(tenant).one(db.reader()).await;
    found.map_err(|error| db.error(error))
}

/// Sets the tenant's sender. What stands in events and mails already stays there.
///
/// # Errors
/// What the database says.
pub async fn put_sender(
    platform: &Platform,
    tenant: TenantId,
    name: String,
    postal_address: String,
) -> Result<senders::Model, StoreError> {
    let row = senders::Model {
        tenant_id: tenant,
        name,
        postal_address,
        updated_at: platform.db.now().await?,
    };
    let tx = platform.db.begin().await?;
    let active = senders::ActiveModel {
        tenant_id: Set(tenant),
        name: Set(row.name.clone()),
        postal_address: Set(row.postal_address.clone()),
        updated_at: Set(row.updated_at),
    };
    let put = senders::put(active).exec_without_returning(&*tx).await;
    put.map_err(|error| tx.error(error))?;
    tx.commit().await?;
    Ok(row)
}

/// The name under which the tenant asks for consents: its sender's, else its own.
pub(crate) async fn controller(platform: &Platform, tenant: TenantId) -> Result<String, StoreError> {
    if let Some(sender) = sender(platform, tenant).await? {
        return Ok(sender.name);
    }
    let db = &platform.db;
    let found = tenants::secure_find(tenant).one(db.reader()).await;
    let tenant = found.map_err(|error| db.error(error))?;
    Ok(tenant.map(|tenant| tenant.name).unwrap_or_default())
}
