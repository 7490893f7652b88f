//! Finding people.

use levqor_entities::users::{self, Column};
use levqor_store::{Db, StoreError, TenantId, UserId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Email;

/// The tenant's person with this id.
pub async fn find(db: &Db, tenant: TenantId, id: UserId) -> Result<Option<users::Model>, StoreError> {
    let found = users::secure_find(tenant).filter(Column::Id.eq(id));
    found.one(db.reader()).await.map_err(|error| db.error(error))
}

/// The tenant's person with this address.
pub async fn find_by_email(
    db: &Db,
    tenant: TenantId,
    email: &Email,
) -> Result<Option<users::Model>, StoreError> {
    let found = users::secure_find(tenant).filter(Column::Email.eq(email.as_str()));
    found.one(db.reader()).await.map_err(|error| db.error(error))
}

/// The tenant's people, newest first, at most `limit`; those behind `before`.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    before: Option<UserId>,
    limit: u64,
) -> Result<Vec<users::Model>, StoreError> {
    let mut select = users::secure_find(tenant);
    if let Some(before) = before {
        select = select.filter(Column::Id.lt(before));
    }
    let found = select
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}
