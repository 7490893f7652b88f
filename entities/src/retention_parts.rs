//! Which rules a sweep applies, and how far it is with each.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::SweepId;

    /// How far it is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum State {
        /// There may be more to delete.
        Open,
        /// Nothing was left that could be deleted.
        Done,
        /// Something was left: the deadline came, the object storage did not answer, or a try failed.
        Partial,
    }

    /// One rule of one sweep.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "retention_parts")]
    pub struct Model {
        /// Of which sweep.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sweep_id: SweepId,
        /// Which rule.
        #[sea_orm(primary_key, auto_increment = false)]
        pub dataset: String,
        /// Which version of it.
        pub version: i64,
        /// Its days, as the sweep found them.
        pub days: i64,
        /// How far it is.
        pub state: State,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Entity, Model, State};
