//! Legal holds: what must not be deleted although its time is over, because of a claim or an order.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{HoldId, TenantId, Timestamp, UserId};

    /// A hold. It covers rows about one person or all rows, of one table or of all.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "legal_holds")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: HoldId,
        /// Whose rows.
        pub tenant_id: TenantId,
        /// Only rows about this person.
        pub user_id: Option<UserId>,
        /// The person's address when the hold was placed: some rows name a person by it.
        pub email: Option<String>,
        /// Only rows of this table.
        pub table_name: Option<String>,
        /// Who asks for it: a court, an authority, counsel.
        pub authority: String,
        /// What for.
        pub reason: String,
        /// Who placed it: `key:` or `user:` and an id.
        pub placed_by: String,
        /// When.
        pub placed_at: Timestamp,
        /// Who released it.
        pub released_by: Option<String>,
        /// It holds nothing from then on. There is no other end: no hold runs out by itself.
        pub released_at: Option<Timestamp>,
        /// Why it was released.
        pub release_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, ExprTrait, QueryFilter, Select};
pub use table::{ActiveModel, Column, Model};

use crate::ids::{TenantId, UserId};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Holds that are in force and cover some row about this person: before an erasure, none may be.
pub fn covering(tenant: TenantId, user: UserId) -> Select<table::Entity> {
    secure_find(tenant)
        .filter(Column::ReleasedAt.is_null())
        .filter(Column::UserId.is_null().or(Column::UserId.eq(user)))
}
