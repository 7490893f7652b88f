//! Tokens by which people act for themselves; the secrets are not stored.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, UserId, UserTokenId};

    /// A token.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "user_tokens")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserTokenId,
        /// The user's tenant.
        pub tenant_id: TenantId,
        /// Whose; the row goes with the user's.
        pub user_id: UserId,
        /// SHA-256 of the secret; unique.
        pub hash: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
        /// Refused from then on.
        pub expires_at: Timestamp,
        /// Refused from then on, when it was revoked before.
        pub revoked_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The token with this hash, of any tenant: authentication is what finds out the tenant.
pub fn find_by_hash(hash: &[u8]) -> sea_orm::Select<table::Entity> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    table::Entity::find().filter(Column::Hash.eq(hash))
}
