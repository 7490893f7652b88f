//! What the entries of the ledger move: an amount from one account to another, so that each row sums to zero by its form.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{LedgerEntryId, TenantId};

    /// A posting.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ledger_postings")]
    pub struct Model {
        /// Of which entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: LedgerEntryId,
        /// Its number there, from 0.
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        /// Whose book.
        pub tenant_id: TenantId,
        /// The account whose balance rises.
        pub debit: String,
        /// The account whose balance falls.
        pub credit: String,
        /// By how much, in minor units of the entry's currency; more than zero.
        pub amount: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, Select};
pub use table::{ActiveModel, Column, Model};

use crate::ids::TenantId;

crate::found_by_tenant!(TenantId);

/// Postings of this tenant that move something on this account.
pub fn find_of_account(tenant: TenantId, account: &str) -> Select<table::Entity> {
    secure_find(tenant).filter(Column::Debit.eq(account).or(Column::Credit.eq(account)))
}
