//! Entries of the ledger. They are never changed.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{KeyId, LedgerEntryId, TenantId, Timestamp};

    /// An entry: what its postings are about.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_entries")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LedgerEntryId,
        /// Whose book.
        pub tenant_id: TenantId,
        /// When it was booked.
        pub at: Timestamp,
        /// The day that it is about: days since 1970-01-01, UTC.
        pub day: i64,
        /// `namespace/name`; empty where there is none.
        pub workflow: String,
        /// The key of the runs.
        pub key_id: Option<KeyId>,
        /// ISO 4217.
        pub currency: String,
        /// Quantities and prices it follows from, a JSON object.
        #[sea_orm(column_type = "Text")]
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};
pub use table::{ActiveModel, Column, Model};

use crate::{ids::TenantId, ledger_postings};

crate::found_by_tenant!(TenantId);

/// Entries of this tenant that move something on this account.
pub fn find_of_account(tenant: TenantId, account: &str) -> Select<table::Entity> {
    let moving = ledger_postings::find_of_account(tenant, account)
        .select_only()
        .column(ledger_postings::Column::EntryId);
    secure_find(tenant).filter(Column::Id.in_subquery(moving.into_query()))
}
