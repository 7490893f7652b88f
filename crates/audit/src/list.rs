//! Reading the trail.

use levqor_entities::audit_events::{self, Column, Model};
use levqor_store::{AuditId, Db, StoreError, TenantId};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// Conditions, which hold at once.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this chain.
    pub stream: Option<String>,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only what stands behind this one in the listing.
    pub before: Option<AuditId>,
}

/// A tenant's entries, newest first, at most `limit`.
pub async fn list(db: &Db, tenant: TenantId, filter: Filter, limit: u64) -> Result<Vec<Model>, StoreError> {
    let conditions = [
        filter.stream.map(|stream| Column::Stream.eq(stream)),
        filter.kind.map(|kind| Column::Kind.eq(kind)),
        filter.before.map(|id| Column::Id.lt(id)),
    ];
    let select = conditions
        .into_iter()
        .flatten()
        .fold(audit_events::secure_find(tenant), QueryFilter::filter);
    let found = select
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}
