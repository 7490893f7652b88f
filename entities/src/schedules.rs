//! When a workflow's name starts runs by itself.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, WorkflowId};

    /// The schedule of a name.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "schedules")]
    pub struct Model {
        /// Row id.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Whose.
        pub tenant_id: TenantId,
        /// `document.namespace`.
        pub namespace: String,
        /// `document.name`.
        pub name: String,
        /// The version it starts.
        pub workflow_id: WorkflowId,
        /// JSON text of the schedule.
        pub spec: String,
        /// The next tick; none: never again.
        pub next_due: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
