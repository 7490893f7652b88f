//! Workflow documents: one immutable row per version.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, WorkflowId};

    /// A version of a document.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "workflows")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WorkflowId,
        /// Whose.
        pub tenant_id: TenantId,
        /// `document.namespace`.
        pub namespace: String,
        /// `document.name`.
        pub name: String,
        /// `document.version`; unique with tenant, namespace and name.
        pub version: String,
        /// SHA-256 of the document.
        pub hash: Vec<u8>,
        /// Canonical JSON.
        pub document: Vec<u8>,
        /// When it was stored.
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);

/// By id, of any tenant: for workers, which got the id from a run they hold.
pub fn find_for_worker(id: crate::ids::WorkflowId) -> sea_orm::Select<table::Entity> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    table::Entity::find().filter(Column::Id.eq(id))
}
