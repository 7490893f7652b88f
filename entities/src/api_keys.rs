//! Keys by which callers are known; the secrets are not stored.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{KeyId, TenantId, Timestamp};

    /// A key.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_keys")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: KeyId,
        /// Whose.
        pub tenant_id: TenantId,
        /// For people.
        pub name: String,
        /// SHA-256 of the secret; unique.
        pub hash: Vec<u8>,
        /// The secret's first characters, for people.
        pub prefix: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// Refused from then on.
        pub revoked_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);

/// The key with this hash, of any tenant: authentication is what finds out the tenant.
pub fn find_by_hash(hash: &[u8]) -> sea_orm::Select<table::Entity> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    table::Entity::find().filter(Column::Hash.eq(hash))
}

/// Keys of all tenants, which show no secrets: for the operator's lists.
pub fn find_for_operator() -> sea_orm::Select<table::Entity> {
    use sea_orm::EntityTrait;
    table::Entity::find()
}
