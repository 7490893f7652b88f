//! Who pays for a tenant.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// A tenant as Stripe's customer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "billing_accounts")]
    pub struct Model {
        /// Who is billed.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Stripe's id of it, `cus_…`; unique.
        pub customer: String,
        /// Where letters go, normalised; None when nobody said.
        pub email: Option<String>,
        /// Language tag (RFC 5646) such as `en`.
        pub locale: String,
        /// Nothing goes on before this time: payment is promised.
        pub hold_until: Option<Timestamp>,
        /// Why it is held.
        pub hold_reason: Option<String>,
        /// When it was first linked.
        pub linked_at: Timestamp,
        /// When it changed last.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The account of Stripe's customer: events name the customer, and this is how their tenant is found.
pub fn find_by_customer(customer: &str) -> Select<table::Entity> {
    table::Entity::find().filter(Column::Customer.eq(customer))
}

/// Customers of all tenants: for events that came before their customer was linked.
pub fn customers() -> Select<table::Entity> {
    table::Entity::find().select_only().column(Column::Customer)
}
