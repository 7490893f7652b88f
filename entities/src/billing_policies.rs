//! Policies of dunning, the operator's. A version never changes.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::Timestamp;

    /// A policy.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "billing_policies")]
    pub struct Model {
        /// From 1; the highest applies to invoices that become past due.
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// JSON text (`levqor_billing::Policy`).
        #[sea_orm(column_type = "Text")]
        pub body: String,
        /// When it was made.
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select};
pub use table::{ActiveModel, Column, Model};

/// The version that applies now.
pub fn latest() -> Select<table::Entity> {
    table::Entity::find().order_by_desc(Column::Version)
}

/// This version.
pub fn version(version: i64) -> Select<table::Entity> {
    table::Entity::find().filter(Column::Version.eq(version))
}
