//! Tables as sea-orm entities, newtype ids, and the data map (who owns each table, how long it is kept).
//!
//! Rows of a tenant are found through the tenant: a table that holds such rows has `secure_find(tenant)`, and its
//! entity is private, so that no query without the tenant can be written elsewhere (I8). The few finders that
//! cannot know the tenant have a name and a reason of their own.

pub mod data_map;
pub mod ids;

pub mod api_keys;
pub mod audit_events;
pub mod audit_streams;
pub mod autoscaler_decisions;
pub mod batches;
pub mod billing_accounts;
pub mod billing_invoices;
pub mod billing_policies;
pub mod billing_subscriptions;
pub mod budgets;
pub mod consent_contacts;
pub mod consent_events;
pub mod consent_links;
pub mod consent_wordings;
pub mod consents;
pub mod dsar_grants;
pub mod dsar_requests;
pub mod ended;
pub mod events;
pub mod idempotency;
pub mod inbox;
pub mod journal;
pub mod leader;
pub mod ledger_accounts;
pub mod ledger_entries;
pub mod ledger_postings;
pub mod legal_holds;
pub mod live;
pub mod mail_suppressions;
pub mod mails;
pub mod marketing_senders;
pub mod marketing_sends;
pub mod notion_rows;
pub mod outbox;
pub mod reports;
pub mod retention_certificates;
pub mod retention_class;
pub mod retention_counts;
pub mod retention_objects;
pub mod retention_overrides;
pub mod retention_parts;
pub mod retention_policies;
pub mod retention_sweeps;
pub mod schedules;
pub mod status_incidents;
pub mod status_notes;
pub mod status_probe;
pub mod status_snapshots;
pub mod stripe_events;
pub mod subject;
pub mod subscriptions;
pub mod tenants;
pub mod timers;
pub mod usage;
pub mod usage_days;
pub mod user_tokens;
pub mod users;
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
/// Makes `secure_update` and `secure_delete`, for a table whose rows may change or go.
macro_rules! changed_by_tenant {
    ($column:ident) => {
        /// Changes rows of this tenant, when what is to be set follows.
        pub fn secure_update(tenant: crate::ids::TenantId) -> sea_orm::UpdateMany<table::Entity> {
            use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
            table::Entity::update_many().filter(Column::$column.eq(tenant))
        }

        /// Deletes rows of this tenant: add the condition.
        pub fn secure_delete(tenant: crate::ids::TenantId) -> sea_orm::DeleteMany<table::Entity> {
            use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
            table::Entity::delete_many().filter(Column::$column.eq(tenant))
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
use {changed_by_tenant, found_by_run, found_by_tenant};
