//! Who leads the schedulers: one row.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{Timestamp, WorkerId};

    /// The leader's lease.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "leader")]
    pub struct Model {
        /// Always 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub one: i16,
        /// Raised whenever the holder changes.
        pub term: i64,
        /// Which scheduler.
        pub holder: Option<WorkerId>,
        /// Others may take it from then on.
        pub expires_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Entity, Model};
