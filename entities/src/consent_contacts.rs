//! Addresses that were asked for a consent. Whatever changes a consent locks its address's row first.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ContactId, TenantId, Timestamp};

    /// An address of a tenant.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent_contacts")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ContactId,
        /// Whose.
        pub tenant_id: TenantId,
        /// Normalised address; unique with the tenant.
        pub email: String,
        /// Mails that asked for a confirmation since the address last gave one.
        pub confirm_mails: i64,
        /// When the last of them was written.
        pub last_confirm_mail_at: Option<Timestamp>,
        /// When the address was first seen.
        pub created_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, Insert, QueryFilter, QuerySelect, Select, TryInsert};
pub use table::{ActiveModel, Column, Model};

use crate::ids::{ContactId, TenantId};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Inserts an address unless it is there.
pub fn insert_new(row: ActiveModel) -> TryInsert<ActiveModel> {
    Insert::one(row).on_conflict_do_nothing_on([Column::TenantId, Column::Email])
}

/// The address's row, which others then wait for until the transaction ends. SQLite has one writer anyway.
pub fn lock(tenant: TenantId, email: &str) -> Select<table::Entity> {
    secure_find(tenant)
        .filter(Column::Email.eq(email))
        .lock_exclusive()
}

/// As [`lock`], by id.
pub fn lock_id(tenant: TenantId, id: ContactId) -> Select<table::Entity> {
    secure_find(tenant).filter(Column::Id.eq(id)).lock_exclusive()
}
