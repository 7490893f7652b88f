//! Tenants: the customers of an installation.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// A tenant.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tenants")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TenantId,
        /// For people; unique.
        pub name: String,
        /// `sandbox`, `pro` or `enterprise`.
        pub plan: String,
        /// When it was made.
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(Id);

/// By name: for the operator's commands, which know no id.
pub fn find_by_name(name: &str) -> sea_orm::Select<table::Entity> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    table::Entity::find().filter(Column::Name.eq(name))
}

/// All tenants: for the operator's lists.
pub fn find_for_operator() -> sea_orm::Select<table::Entity> {
    use sea_orm::EntityTrait;
    table::Entity::find()
}
