//! Balances of the ledger's accounts.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::TenantId;

    /// An account of a tenant's book, in one currency.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_accounts")]
    pub struct Model {
        /// Whose book.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Its name, such as `expense:worker`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        /// ISO 4217.
        #[sea_orm(primary_key, auto_increment = false)]
        pub currency: String,
        /// Debits less credits, in minor units.
        pub balance: i64,
        /// What is booked when it comes to a minor unit, in millionths of one.
        pub carry: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);
