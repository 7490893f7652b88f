//! The audit trail: entries of hash chains. They are added; nothing here changes or deletes one but [`erase`], which
//! takes out what names a person and leaves the chain whole.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{AuditId, TenantId, Timestamp, UserId};

    /// An entry.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_events")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// The chain it is in.
        #[sea_orm(primary_key, auto_increment = false)]
        pub stream: String,
        /// Its number there, from 1 without a gap.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        /// Its id, unique in the tenant.
        pub id: AuditId,
        /// When it was written.
        pub at: Timestamp,
        /// What happened, such as `dsar.requested`.
        pub kind: String,
        /// Who did it: `system`, `operator`, `anonymous`, `key:` and an id, or `user:` and a pseudonym.
        pub actor: String,
        /// Pseudonym of the person it is about, 32 bytes.
        pub subject: Option<Vec<u8>>,
        /// SHA-256 of salt and payload.
        pub payload_hash: Vec<u8>,
        /// SHA-256 of the hash before and of the header.
        pub hash: Vec<u8>,
        /// The person it is about; none after erasure.
        pub user_id: Option<UserId>,
        /// 32 random bytes; none after erasure.
        pub salt: Option<Vec<u8>>,
        /// Canonical JSON; none after erasure.
        pub payload: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select, UpdateMany, sea_query::Expr};
pub use table::{Column, Model};

use crate::ids::{TenantId, Timestamp};

crate::found_by_tenant!(TenantId);

/// Entries of all tenants: for the operator's check and for the end of retention, which know no tenant.
pub fn find_all() -> Select<table::Entity> {
    table::Entity::find()
}

/// Entries of all tenants that were written before this time and still have their payload, oldest first.
pub fn find_kept(before: Timestamp) -> Select<table::Entity> {
    use sea_orm::QueryOrder;
    table::Entity::find()
        .filter(Column::Payload.is_not_null())
        .filter(Column::At.lt(before))
        .order_by_asc(Column::At)
}

/// Takes payload, salt and user out of a tenant's entries: add the condition. The only change an entry can meet.
pub fn erase(tenant: TenantId) -> UpdateMany<table::Entity> {
    table::Entity::update_many()
        .col_expr(Column::UserId, Expr::value(None::<uuid::Uuid>))
        .col_expr(Column::Salt, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::Payload, Expr::value(None::<Vec<u8>>))
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::Payload.is_not_null())
}
