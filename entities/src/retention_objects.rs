//! Objects whose rows have gone, until they are gone too.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::TenantId;

    /// An object to delete.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_objects")]
    pub struct Model {
        /// Whose.
        pub tenant_id: TenantId,
        /// Key in the object storage.
        #[sea_orm(primary_key, auto_increment = false)]
        pub object: String,
        /// By which rule its row went.
        #[sea_orm(primary_key, auto_increment = false)]
        pub dataset: String,
        /// The period that applied, in days.
        pub days: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter};
pub use table::{ActiveModel, Column, Model};

/// Objects of all tenants whose rows went by this rule: one sweep serves the installation.
pub fn of_dataset(dataset: &str) -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(Column::Dataset.eq(dataset))
}

/// The line of an object that is gone.
pub fn forget(dataset: &str, object: &str) -> DeleteMany<table::Entity> {
    table::Entity::delete_many()
        .filter(Column::Dataset.eq(dataset))
        .filter(Column::Object.eq(object))
}
