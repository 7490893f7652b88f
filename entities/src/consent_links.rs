//! Tokens in links of consent mails and marketing mails; the tokens are not stored.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, WordingId};

    /// What a token opens.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Kind {
        /// Confirms a consent.
        Confirm,
        /// Withdraws a consent.
        Unsubscribe,
        /// Shows and changes the consents of an address.
        Preferences,
    }

    /// A token.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_links")]
    pub struct Model {
        /// SHA-256 of the token.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hash: Vec<u8>,
        /// Whose.
        pub tenant_id: TenantId,
        /// What it opens.
        pub kind: Kind,
        /// A consent, or for [`Kind::Preferences`] a contact. A link to withdraw outlives what it points to.
        pub target: Uuid,
        /// The text that its holder was shown; [`Kind::Confirm`] only.
        pub wording_id: Option<WordingId>,
        /// When it was made.
        pub created_at: Timestamp,
        /// Of no use from then on; none: for ever.
        pub expires_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, Insert, QueryFilter, Select, TryInsert};
pub use table::{ActiveModel, Column, Kind, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The token with this hash, of any tenant: its holder has no key, and the token is what finds out the tenant.
pub fn find_by_hash(kind: Kind, hash: &[u8]) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::Hash.eq(hash))
        .filter(Column::Kind.eq(kind))
}

/// Inserts tokens, leaving out those that are there.
pub fn insert_new(rows: impl IntoIterator<Item = ActiveModel>) -> TryInsert<ActiveModel> {
    Insert::many(rows).on_conflict_do_nothing_on([Column::Hash])
}
