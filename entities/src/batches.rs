//! Tokens of committed batches, so that a repeated batch does nothing (P2).

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::Timestamp;

    /// A committed batch.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "batches")]
    pub struct Model {
        /// Made by the caller.
        #[sea_orm(primary_key, auto_increment = false)]
        pub token: Uuid,
        /// When it was committed.
        pub at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Entity, Model};
