//! What operators say of an incident, to everybody.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{IncidentId, NoteId, Timestamp};

    /// A note.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "status_notes")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: NoteId,
        /// Of which incident.
        pub incident_id: IncidentId,
        /// When it was written.
        pub at: Timestamp,
        /// Plain text.
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Entity, Model};
