//! Messages to send after the commit that wrote them (P13).

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId, Timestamp};

    /// A message.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        /// Row id.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Whose.
        pub tenant_id: TenantId,
        /// The run that sends it.
        pub run_id: RunId,
        /// Epoch of its origin.
        pub epoch: i32,
        /// Number of the write it left with.
        pub seq: i32,
        /// Position in that write.
        pub ord: i32,
        /// 1 callback, 2 event.
        pub kind: i16,
        /// URL of a callback.
        pub target: Option<String>,
        /// JSON text.
        pub body: Vec<u8>,
        /// Not to be sent before.
        pub due: Timestamp,
        /// Tries so far.
        pub attempts: i32,
        /// As in `live`.
        pub trace: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
