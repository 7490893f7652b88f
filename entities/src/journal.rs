//! Journal rows of live runs, numbered without gaps.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::RunId;

    /// A journal row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: RunId,
        /// Position, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i32,
        /// Epoch of the writer.
        pub epoch: i32,
        /// JSON array of entries.
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_run!();
