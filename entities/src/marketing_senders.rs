//! Who sends a tenant's marketing mail.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// What the foot of each marketing mail says of its sender.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "marketing_senders")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Name of the sender, who answers for the consents too.
        pub name: String,
        /// Where it can be written to by post.
        pub postal_address: String,
        /// When it was last set.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{Insert, sea_query::OnConflict};
pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);

/// Sets a tenant's sender.
pub fn put(row: ActiveModel) -> Insert<ActiveModel> {
    let mut conflict = OnConflict::column(Column::TenantId);
    conflict.update_columns([Column::Name, Column::PostalAddress, Column::UpdatedAt]);
    Insert::one(row).on_conflict(conflict)
}
