//! The state of the service, measured once in each slot of time.

mod table {
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    use crate::ids::Timestamp;

    /// How a component, or the whole, is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum State {
        /// As it should be.
        Operational,
        /// It works slowly, late, or in part.
        Degraded,
        /// It does not work.
        Down,
        /// It could not be measured, or is not in use.
        Unknown,
    }

    /// A snapshot.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "status_snapshots")]
    pub struct Model {
        /// Beginning of the slot.
        #[sea_orm(primary_key, auto_increment = false)]
        pub slot: Timestamp,
        /// Length of the slot, in microseconds.
        pub length: i64,
        /// When it was measured.
        pub at: Timestamp,
        /// The whole.
        pub state: State,
        /// A JSON array of components.
        #[sea_orm(column_type = "Text")]
        pub components: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{Insert, TryInsert};
pub use table::{ActiveModel, Column, Entity, Model, State};

/// Adds a snapshot; nothing when its slot has one.
pub fn insert_new(snapshot: ActiveModel) -> TryInsert<ActiveModel> {
    Insert::one(snapshot).on_conflict_do_nothing_on([Column::Slot])
}
