//! Worker processes and their beats.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{Timestamp, WorkerId};

    /// A worker process.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "workers")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WorkerId,
        /// Host and process, for people.
        pub name: String,
        /// Program version.
        pub version: String,
        /// How many runs it can hold.
        pub slots: i32,
        /// How many it holds.
        pub busy: i32,
        /// Raised every second.
        pub beats: i64,
        /// Once false, false for ever.
        pub alive: bool,
        /// When it started.
        pub registered_at: Timestamp,
        /// When it last beat, for people.
        pub beat_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Entity, Model};
