//! Subscriptions of tenants, as far as dunning asks.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// A subscription.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "billing_subscriptions")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Stripe's id, `sub_…`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// JSON text of what its events say together (`levqor_billing::SubscriptionFacts`).
        #[sea_orm(column_type = "Text")]
        pub facts: String,
        /// When the row changed last.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);
