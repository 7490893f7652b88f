//! Decisions of the autoscaler, with all that they follow from.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{DecisionId, Timestamp};

    /// A decision.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "autoscaler_decisions")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DecisionId,
        /// When.
        pub at: Timestamp,
        /// Of the leader that decided.
        pub term: i64,
        /// Workers that there should be.
        pub desired: i64,
        /// What settled it, as a code.
        pub reason: String,
        /// JSON: the decision with its inputs.
        #[sea_orm(column_type = "Text")]
        pub decision: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Entity, Model};
