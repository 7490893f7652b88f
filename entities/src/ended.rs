//! Runs that have ended, each with its journal packed beside it (docs/PROTOCOL.md, Tables).

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{RunId, TenantId, Timestamp, WorkflowId};

    /// An ended run.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ended")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        /// Whose.
        pub tenant_id: TenantId,
        /// The document version.
        pub workflow_id: WorkflowId,
        /// Retention class; on Postgres the table is partitioned by it.
        pub class: String,
        /// 4 cancelled, 5 faulted, 6 completed.
        pub state: i16,
        /// 0 high, 1 normal, 2 low.
        pub priority: i16,
        /// Claims it had.
        pub epoch: i32,
        /// Journal rows it had.
        pub seq: i32,
        /// Inbox rows it had.
        pub inbox: i32,
        /// When it was accepted.
        pub created_at: Timestamp,
        /// `run_at`.
        pub due: Option<Timestamp>,
        /// First claim.
        pub started_at: Option<Timestamp>,
        /// When it ended.
        pub ended_at: Timestamp,
        /// Where the end was reported.
        pub callback_url: Option<String>,
        /// JSON text.
        pub input: Vec<u8>,
        /// JSON text.
        pub output: Option<Vec<u8>>,
        /// JSON text.
        pub error: Option<Vec<u8>>,
        /// JSON array of all entries.
        pub journal: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
