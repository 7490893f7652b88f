//! Marketing mails that tenants ordered.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ConsentId, SendId, TenantId, Timestamp};

    /// One text for many.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "marketing_sends")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SendId,
        /// Whose.
        pub tenant_id: TenantId,
        /// By which the tenant may repeat the order safely; unique with the tenant.
        pub key: Option<String>,
        /// SHA-256 of the order.
        pub request_hash: Vec<u8>,
        /// The list.
        pub scope: String,
        /// One line.
        pub subject: String,
        /// Plain text, without the foot.
        #[sea_orm(column_type = "Text")]
        pub text: String,
        /// The same in HTML.
        #[sea_orm(column_type = "Text")]
        pub html: String,
        /// JSON array of consents; none: all that are granted.
        #[sea_orm(column_type = "Text", nullable)]
        pub audience: Option<String>,
        /// The last consent that was dealt with, in the order of their ids.
        pub cursor: Option<ConsentId>,
        /// Mails written to the outbox.
        pub queued: i64,
        /// Recipients without a consent.
        pub passed_over: i64,
        /// When it was ordered.
        pub created_at: Timestamp,
        /// When all mails were in the outbox.
        pub finished_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, Insert, QueryFilter, QuerySelect, Select, TryInsert};
pub use table::{ActiveModel, Column, Model};

use crate::ids::{SendId, TenantId};

crate::found_by_tenant!(TenantId);

/// Inserts an order unless the tenant has one with this key.
pub fn insert_new(row: ActiveModel) -> TryInsert<ActiveModel> {
    Insert::one(row).on_conflict_do_nothing_on([Column::TenantId, Column::Key])
}

/// The order, which others then wait for until the transaction ends.
pub fn lock(tenant: TenantId, id: SendId) -> Select<table::Entity> {
    secure_find(tenant).filter(Column::Id.eq(id)).lock_exclusive()
}
