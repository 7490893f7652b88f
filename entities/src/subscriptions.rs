//! What waiting runs listen to.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId};

    /// A subscription of a run.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "subscriptions")]
    pub struct Model {
        /// Who listens.
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: RunId,
        /// Epoch of the park that opened it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub epoch: i32,
        /// `seq` of that park.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i32,
        /// Position in that park.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ord: i32,
        /// Whose.
        pub tenant_id: TenantId,
        /// Only this type.
        pub event_type: Option<String>,
        /// Only this source.
        pub source: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
