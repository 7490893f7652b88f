//! What opens the packages of requests for a person's data.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{DsarId, TenantId, Timestamp};

    /// A package's key, token and code.
    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dsar_grants")]
    pub struct Model {
        /// Whose.
        pub tenant_id: TenantId,
        /// The request.
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: DsarId,
        /// The key its objects are encrypted under, itself encrypted under the installation's.
        pub sealed_key: Vec<u8>,
        /// SHA-256 of the token that confirms the request.
        pub confirm_hash: Option<Vec<u8>>,
        /// When that token ends.
        pub confirm_until: Option<Timestamp>,
        /// SHA-256 of the token in the mail.
        pub token_hash: Option<Vec<u8>>,
        /// Codes issued so far.
        pub code_number: i64,
        /// Salt of the last one.
        pub code_salt: Option<Vec<u8>>,
        /// Its hash; none when it was used or burned.
        pub code_hash: Option<Vec<u8>>,
        /// When it ends.
        pub code_until: Option<Timestamp>,
        /// Tries begun with it.
        pub code_tries: i64,
        /// Tries with it that were wrong.
        pub code_wrong: i64,
        /// Wrong tries of all codes; a new code does not reset them.
        pub failures: i64,
        /// Codes used up by wrong tries.
        pub burned: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Model")
                .field("request_id", &self.request_id)
                .finish_non_exhaustive()
        }
    }
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
pub use table::{ActiveModel, Column, Model};

use crate::ids::Timestamp;

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The row whose download token has this hash, of any tenant: who holds a link names no tenant.
pub fn find_by_token(hash: &[u8]) -> Select<table::Entity> {
    table::Entity::find().filter(Column::TokenHash.eq(hash))
}

/// The row whose confirmation token has this hash, of any tenant, as in [`find_by_token`].
pub fn find_by_confirmation(hash: &[u8]) -> Select<table::Entity> {
    table::Entity::find().filter(Column::ConfirmHash.eq(hash))
}

/// Rows of all tenants whose confirmation has run out: one watch serves the installation.
pub fn find_unconfirmed(before: Timestamp, most: u64) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::ConfirmUntil.lt(before))
        .limit(most)
}
