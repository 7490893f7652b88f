//! What the operator's Notion databases are to hold.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{NotionRowId, TenantId, Timestamp};

    /// A row, which is a page there.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notion_rows")]
    pub struct Model {
        /// Whose data it is; the installation's own for sums.
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NotionRowId,
        /// In which database, such as `runs`.
        pub dataset: String,
        /// By which it is found again; unique in the dataset.
        pub external_id: String,
        /// A JSON object of the dataset's fields.
        #[sea_orm(column_type = "Text")]
        pub fields: String,
        /// Grows with every change.
        pub version: i64,
        /// The version that Notion has; 0 none.
        pub synced_version: i64,
        /// Notion's id of the page.
        pub page_id: Option<String>,
        /// Tries since the last change or success.
        pub attempts: i64,
        /// Not to be tried before.
        pub due: Timestamp,
        /// Why the last try failed.
        pub reason: Option<String>,
        /// When it was first written.
        pub created_at: Timestamp,
        /// When it was changed last.
        pub updated_at: Timestamp,
        /// When Notion got it last.
        pub synced_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select, sea_query::Expr};
pub use table::{ActiveModel, Column, Model};

use crate::ids::Timestamp;

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Rows of all tenants that Notion does not have and that are due, the oldest first: one sender serves the installation.
pub fn find_due(now: Timestamp) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Expr::col(Column::SyncedVersion).lt(Expr::col(Column::Version)))
        .filter(Column::Due.lte(now))
        .order_by_asc(Column::Due)
}

/// The row of any tenant under this external id: the operator's databases serve the installation.
pub fn find_external(dataset: &str, external_id: &str) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::Dataset.eq(dataset))
        .filter(Column::ExternalId.eq(external_id))
}
