//! People whose data a tenant keeps here, one row for each e-mail address.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp, UserId};

    /// A person.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: UserId,
        /// Whose.
        pub tenant_id: TenantId,
        /// Normalised; unique in the tenant.
        pub email: String,
        /// As the person wants to be called.
        pub name: Option<String>,
        /// Language tag (RFC 5646) such as `en-GB`.
        pub locale: Option<String>,
        /// ISO 4217.
        pub currency: Option<String>,
        /// JSON text of an object of the tenant's own.
        pub meta: String,
        /// The terms accepted last.
        pub terms_version: Option<String>,
        /// When they were accepted.
        pub terms_at: Option<Timestamp>,
        /// From where: an address without its last part, such as `192.0.2.0`.
        pub terms_ip: Option<String>,
        /// When the row was made.
        pub created_at: Timestamp,
        /// When it changed last.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);
