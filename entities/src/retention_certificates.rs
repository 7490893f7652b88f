//! Certificates of what was deleted, a chain for each tenant.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{SweepId, TenantId, Timestamp};

    /// A certificate.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_certificates")]
    pub struct Model {
        /// Whose rows went; the installation's own tenant has the totals.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Position in the tenant's chain, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        /// The sweep it certifies.
        pub sweep_id: SweepId,
        /// When it was made.
        pub issued_at: Timestamp,
        /// JSON text; what is signed.
        pub body: Vec<u8>,
        /// SHA-256 of `body`; the next certificate names it.
        pub hash: Vec<u8>,
        /// Ed25519 over `body`, 64 bytes.
        pub signature: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);

/// Certificates of all tenants, for the operator's check.
pub fn find_all() -> sea_orm::Select<table::Entity> {
    sea_orm::EntityTrait::find()
}
