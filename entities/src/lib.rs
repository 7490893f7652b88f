//! Tables as sea-orm entities, newtype ids, and the data map (who owns each table, how long it is kept).
//!
//! Rows of a tenant are found through the tenant: a table that holds such rows has `secure_find(tenant)`, and its
//! entity is private, so that no query without the tenant can be written elsewhere (I8). The few finders that
//! cannot know the tenant have a name and a reason of their own.

pub mod data_map;
pub mod ids;

pub mod api_keys;
pub mod batches;
pub mod ended;
pub mod events;
pub mod idempotency;
pub mod inbox;
pub mod journal;
pub mod leader;
pub mod live;
pub mod outbox;
pub mod schedules;
pub mod subscriptions;
pub mod tenants;
pub mod timers;
pub mod workers;
pub mod workflows;

/// Makes `secure_find` for a table with a column that names the tenant.
macro_rules! found_by_tenant {
    ($column:ident) => {
        /// Rows of this tenant.
        pub fn secure_find(tenant: crate::ids::TenantId) -> sea_orm::Select<table::Entity> {
            use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
            table::Entity::find().filter(Column::$column.eq(tenant))
        }
    };
}
/// Makes `secure_find` for a table whose rows belong to a live run: they are joined to it, and it to the tenant.
macro_rules! found_by_run {
    () => {
        /// Rows of this run, when it is live and this tenant's.
        pub fn secure_find(
            tenant: crate::ids::TenantId,
            run: crate::ids::RunId,
        ) -> sea_orm::Select<table::Entity> {
            use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
            let owned = crate::live::secure_find(tenant)
                .filter(crate::live::Column::Id.eq(run))
                .select_only()
                .column(crate::live::Column::Id);
            table::Entity::find().filter(Column::RunId.in_subquery(sea_orm::QueryTrait::into_query(owned)))
        }
    };
}
use {found_by_run, found_by_tenant};
