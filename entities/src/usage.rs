//! What ended runs and sent mails used, until the leader books it.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{KeyId, TenantId, Timestamp, WorkflowId};

    /// What one tenant's runs of one document version and key used in one batch.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "usage")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// When.
        pub at: Timestamp,
        /// Whose.
        pub tenant_id: TenantId,
        /// The document version; none for mails.
        pub workflow_id: Option<WorkflowId>,
        /// The key that started the runs.
        pub key_id: Option<KeyId>,
        /// Runs that ended so.
        pub completed: i64,
        /// Runs that ended so.
        pub faulted: i64,
        /// Runs that ended so.
        pub cancelled: i64,
        /// Microseconds that attempts took.
        pub worker_us: i64,
        /// Attempts of `call: http`.
        pub calls: i64,
        /// Mails sent.
        pub mails: i64,
        /// Value of completed runs whose document names one, in minor units.
        pub earned: i64,
        /// Completed runs whose document names none.
        pub unvalued: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::{NotSet, Set};
pub use table::{ActiveModel, Column, Model};

use crate::ids::{TenantId, Timestamp};

crate::found_by_tenant!(TenantId);

/// The row of mails that were sent, of no workflow: a mail does not know which run asked for it.
pub fn of_mails(tenant: TenantId, at: Timestamp, mails: i64) -> ActiveModel {
    ActiveModel {
        id: NotSet,
        at: Set(at),
        tenant_id: Set(tenant),
        workflow_id: Set(None),
        key_id: Set(None),
        completed: Set(0),
        faulted: Set(0),
        cancelled: Set(0),
        worker_us: Set(0),
        calls: Set(0),
        mails: Set(mails),
        earned: Set(0),
        unvalued: Set(0),
    }
}
