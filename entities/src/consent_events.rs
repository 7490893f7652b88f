//! How consents came about. Rows are added and never changed; they go with the consent they tell of.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ConsentId, TenantId, Timestamp, UserId, WordingId};

    /// What happened.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Kind {
        /// Somebody entered the address and was shown the wording.
        Requested,
        /// The mailbox confirmed it.
        Granted,
        /// It was withdrawn.
        Revoked,
        /// Nobody confirmed it in time.
        Expired,
    }

    /// One thing that happened.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_events")]
    pub struct Model {
        /// In the order in which things happened to a consent.
        #[sea_orm(primary_key)]
        pub seq: i64,
        /// Whose list.
        pub tenant_id: TenantId,
        /// Which consent.
        pub consent_id: ConsentId,
        /// Normalised address.
        pub email: String,
        /// Who that is, where it was known.
        pub user_id: Option<UserId>,
        /// When.
        pub at: Timestamp,
        /// What.
        pub kind: Kind,
        /// The list.
        pub scope: String,
        /// How the list reaches people: `email`.
        pub channel: String,
        /// Where it was asked for.
        pub source: String,
        /// How it was done, such as `confirm_link` or `one_click`.
        pub method: String,
        /// Who answers for the list: the name shown then.
        pub controller: String,
        /// The text shown.
        pub wording_id: WordingId,
        /// Its version.
        pub wording_version: String,
        /// SHA-256 of its UTF-8 bytes.
        pub wording_sha256: Vec<u8>,
        /// The person's network: an IPv4 address without its last 8 bits, an IPv6 one without its last 80.
        pub network: Option<String>,
        /// HMAC of the browser's name under a key of the installation.
        pub agent_hash: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, DeleteMany, EntityTrait, QueryFilter, QueryOrder, Select};
pub use table::{ActiveModel, Column, Kind, Model};

use crate::ids::{ConsentId, TenantId};

crate::found_by_tenant!(TenantId);

/// What happened to a consent, first things first.
pub fn history(tenant: TenantId, consent: ConsentId) -> Select<table::Entity> {
    secure_find(tenant)
        .filter(Column::ConsentId.eq(consent))
        .order_by_asc(Column::Seq)
}

/// Deletes what happened to a consent of the tenant, with the consent.
pub fn secure_delete(tenant: TenantId, consent: ConsentId) -> DeleteMany<table::Entity> {
    table::Entity::delete_many()
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::ConsentId.eq(consent))
}
