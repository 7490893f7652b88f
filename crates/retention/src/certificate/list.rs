//! A tenant's certificates.

use levqor_entities::retention_certificates::{self, Column, Model};
use levqor_store::{Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// Newest first, at most `limit` before number `before`.
///
/// # Errors
/// The database is away.
pub async fn certificates(
    db: &Db,
    tenant: TenantId,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    let mut found = retention_certificates::secure_find(tenant)
        .order_by_desc(Column::Number)
        .limit(limit);
    if let Some(before) = before {
        found = found.filter(Column::Number.lt(before));
    }
    found.all(db.reader()).await.map_err(|error| db.error(error))
}
