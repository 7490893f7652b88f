//! What others tell a live run.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, Timestamp};

    /// An inbox row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        /// Addressee.
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: RunId,
        /// Position, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub n: i32,
        /// 1 timer, 2 event, 3 cancel.
        pub kind: i16,
        /// JSON text.
        pub body: Vec<u8>,
        /// When it was delivered.
        pub at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_run!();
