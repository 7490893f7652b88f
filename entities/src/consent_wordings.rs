//! The exact texts by which people were asked for a consent.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, WordingId};

    /// A text.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_wordings")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WordingId,
        /// Whose.
        pub tenant_id: TenantId,
        /// The day it was first shown and the first digits of its hash.
        pub version: String,
        /// SHA-256 of its UTF-8 bytes; unique with the tenant.
        pub sha256: Vec<u8>,
        /// The text, to the byte.
        #[sea_orm(column_type = "Text")]
        pub text: String,
        /// When it was first shown.
        pub first_shown_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, Insert, QueryFilter, Select, TryInsert};
pub use table::{ActiveModel, Column, Model};

use crate::ids::TenantId;

crate::found_by_tenant!(TenantId);

/// Inserts a text unless it is there.
pub fn insert_new(row: ActiveModel) -> TryInsert<ActiveModel> {
    Insert::one(row).on_conflict_do_nothing_on([Column::TenantId, Column::Sha256])
}

/// The tenant's text with this hash.
pub fn find_by_hash(tenant: TenantId, sha256: &[u8]) -> Select<table::Entity> {
    secure_find(tenant).filter(Column::Sha256.eq(sha256))
}
