//! Runs that have not ended (docs/PROTOCOL.md, Tables).

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{KeyId, RunId, TenantId, Timestamp, WorkerId, WorkflowId};

    /// A live run.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "live")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RunId,
        /// Whose.
        pub tenant_id: TenantId,
        /// The document version.
        pub workflow_id: WorkflowId,
        /// 0 pending, 1 running, 2 waiting, 3 suspended.
        pub state: i16,
        /// May be claimed, or is held: in the partial index that relay and rescuer read.
        pub ready: bool,
        /// 0 high, 1 normal, 2 low.
        pub priority: i16,
        /// Claims so far.
        pub epoch: i32,
        /// Journal rows so far.
        pub seq: i32,
        /// Inbox rows so far.
        pub inbox: i32,
        /// Epoch of the last park.
        pub parked: Option<i32>,
        /// Workers that died holding it since its last append.
        pub deaths: i16,
        /// Who holds it.
        pub worker: Option<WorkerId>,
        /// Token of the claim that holds it.
        pub token: Option<Uuid>,
        /// When it was accepted.
        pub created_at: Timestamp,
        /// `run_at`.
        pub due: Option<Timestamp>,
        /// First claim.
        pub started_at: Option<Timestamp>,
        /// Where to report the end.
        pub callback_url: Option<String>,
        /// JSON text.
        pub input: Vec<u8>,
        /// Packed journal of former ends.
        pub history: Option<Vec<u8>>,
        /// The key that started it; none for schedules and processes.
        pub key_id: Option<KeyId>,
        /// Trace id, span id and flags of what started it, 25 bytes.
        pub trace: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Column, Model};

crate::found_by_tenant!(TenantId);
