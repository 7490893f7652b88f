//! Periods that tenants chose for themselves.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// One tenant's period.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_overrides")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Of which rule.
        #[sea_orm(primary_key, auto_increment = false)]
        pub dataset: String,
        /// Days after the rule's clock.
        pub days: i64,
        /// Why, as the tenant says.
        pub reason: String,
        /// Who set it: `key:` or `user:` and an id.
        pub set_by: String,
        /// When.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The shortest period that any tenant chose for a rule: a sweep serves them all and looks at no younger row.
pub fn shortest(dataset: &str) -> sea_orm::Select<table::Entity> {
    table::Entity::find()
        .select_only()
        .column_as(Column::Days.min(), "days")
        .filter(Column::Dataset.eq(dataset))
}
