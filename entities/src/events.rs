//! CloudEvents received, kept to know repeats and to go on matching.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId, Timestamp};

    /// An event.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "events")]
    pub struct Model {
        /// Row id.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Whose.
        pub tenant_id: TenantId,
        /// CloudEvents `source`.
        pub source: String,
        /// CloudEvents `id`; unique with tenant and source.
        pub event_id: String,
        /// CloudEvents `type`.
        pub event_type: String,
        /// The whole event as JSON text.
        pub body: Vec<u8>,
        /// When it was received.
        pub at: Timestamp,
        /// The last run matched, while more remain.
        pub cursor_run: Option<RunId>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
