//! Wake-ups of live runs.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, Timestamp};

    /// A timer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "timers")]
    pub struct Model {
        /// Whom it wakes.
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: RunId,
        /// Epoch of the park that armed it; 0: `run_at`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub epoch: i32,
        /// `seq` of that park.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i32,
        /// Position in that park.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ord: i32,
        /// Not before.
        pub due: Timestamp,
        /// JSON text.
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_run!();
