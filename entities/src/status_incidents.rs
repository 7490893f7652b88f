//! When the service was degraded or down, as everybody may know.

mod table {
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    use crate::ids::{IncidentId, Timestamp};

    /// How bad it is.
    #[derive(
        Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
    )]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Impact {
        /// It works slowly, late, or in part.
        Degraded,
        /// It does not work.
        Down,
    }

    /// An incident.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "status_incidents")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: IncidentId,
        /// The component whose snapshots opened it; none when an operator did.
        pub component: Option<String>,
        /// How bad it was at its worst.
        pub impact: Impact,
        /// One line for people.
        pub title: String,
        /// When it began.
        pub opened_at: Timestamp,
        /// When it ended.
        pub closed_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Entity, Impact, Model};
