//! Invoices of tenants, and how far each that is not paid is.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId, Timestamp};

    /// An invoice.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "billing_invoices")]
    pub struct Model {
        /// Whose bill it is.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Stripe's id, `in_…`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Stripe's id of the subscription it is for.
        pub subscription: Option<String>,
        /// JSON text of what its events say together (`levqor_billing::Facts`).
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        /// Whether it is owed and a payment of it has failed.
        pub past_due: bool,
        /// The stage reached, 0 to 4.
        pub stage: i64,
        /// When its first payment failed.
        pub since: Option<Timestamp>,
        /// When the next stage is due.
        pub next_at: Option<Timestamp>,
        /// Version of the policy it began under.
        pub policy: i64,
        /// How often it became past due.
        pub episode: i64,
        /// Whether the run of this episode is still to be started.
        pub starting: bool,
        /// The run of this episode.
        pub run_id: Option<RunId>,
        /// When the row changed last.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
pub use table::{ActiveModel, Column, Model};

use crate::ids::{TenantId, Timestamp};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Invoices of this tenant that are past due.
pub fn find_past_due(tenant: TenantId) -> Select<table::Entity> {
    secure_find(tenant).filter(Column::PastDue.eq(true))
}

/// Invoices of all tenants whose run is still to be started: the installation bills them all.
pub fn find_starting() -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::Starting.eq(true))
        .order_by_asc(Column::Id)
}

/// Invoices of all tenants whose next stage was due before this time: their runs are lost.
pub fn find_overdue(before: Timestamp) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::NextAt.lt(before))
        .order_by_asc(Column::NextAt)
}
