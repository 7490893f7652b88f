//! Addresses that get no mail.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// Why an address gets no mail.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Cause {
        /// There is no such mailbox.
        Bounce,
        /// Its owner called a mail spam.
        Complaint,
    }

    /// An address, under its HMAC.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail_suppressions")]
    pub struct Model {
        /// Whose mails.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// HMAC-SHA256 of the normalised address under a key of the installation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub address: Vec<u8>,
        /// Why.
        #[sea_orm(primary_key, auto_increment = false)]
        pub cause: Cause,
        /// When the provider saw it.
        pub since: Timestamp,
        /// Suppressed no more.
        pub lifted_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Cause, Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);
