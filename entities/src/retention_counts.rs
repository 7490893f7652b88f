//! What has gone and is not certified yet.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{SweepId, TenantId};

    /// Rows of one tenant that went by one rule after one period.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_counts")]
    pub struct Model {
        /// By which sweep; nil when a service of the scheduler deleted them.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sweep_id: SweepId,
        /// By which rule.
        #[sea_orm(primary_key, auto_increment = false)]
        pub dataset: String,
        /// Whose; the installation's own tenant for rows that are nobody's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// The period that applied, in days.
        #[sea_orm(primary_key, auto_increment = false)]
        pub days: i64,
        /// Rows.
        pub gone: i64,
        /// Objects of such rows.
        pub objects: i64,
        /// Sum of the HMACs of the rows' ids, 32 bytes; none where ids were not read.
        pub digest: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
pub use table::{ActiveModel, Column, Entity, Model};

use crate::ids::SweepId;

/// What went by this sweep, of all tenants: one sweep serves the installation.
pub fn of_sweep(sweep: SweepId) -> sea_orm::Select<table::Entity> {
    table::Entity::find().filter(Column::SweepId.eq(sweep))
}
