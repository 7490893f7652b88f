//! Sweeps that are under way.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{SweepId, Timestamp};

    /// A sweep; its row goes when it is certified.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_sweeps")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SweepId,
        /// Ages are counted up to this time.
        pub as_of: Timestamp,
        /// No batch begins after it.
        pub deadline: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Entity, Model};
