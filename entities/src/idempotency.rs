//! Which run a caller's key stands for.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId, Timestamp};

    /// A key.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// As sent.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        /// The run it stands for.
        pub run_id: RunId,
        /// SHA-256 of the canonical request.
        pub request_hash: Vec<u8>,
        /// May be swept from then on.
        pub expires_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
