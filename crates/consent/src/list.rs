//! Reading consents.

use levqor_accounts::Email;
use levqor_entities::{
    consents::{self, Column, Status},
    ids::ConsentId,
};
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Scope;

/// Which consents.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this address.
    pub email: Option<Email>,
    /// Of this list.
    pub scope: Option<Scope>,
    /// That stand so.
    pub status: Option<Status>,
    /// After this one.
    pub after: Option<ConsentId>,
}

/// At most `limit` consents of the tenant, oldest first.
///
/// # Errors
/// The database is away.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<consents::Model>, StoreError> {
    let mut found = consents::secure_find(tenant);
    if let Some(email) = &filter.email {
        found = found.filter(Column::Email.eq(email.as_str()));
    }
    if let Some(scope) = &filter.scope {
        found = found.filter(Column::Scope.eq(scope.as_str()));
    }
    if let Some(status) = filter.status {
        found = found.filter(Column::Status.eq(status));
    }
    if let Some(after) = filter.after {
        found = found.filter(Column::Id.gt(after));
    }
    let page = found.order_by_asc(Column::Id).limit(limit).all(db.reader()).await;
    page.map_err(|error| db.error(error))
}

/// The tenant's consent with this id.
///
/// # Errors
/// The database is away.
pub async fn find(db: &Db, tenant: TenantId, id: ConsentId) -> Result<Option<consents::Model>, StoreError> {
    let found = consents::secure_find(tenant)
        .filter(Column::Id.eq(id))
        .one(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}
