//! What a tenant's runs used and earned, booked and priced, by day, workflow and key.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{KeyId, TenantId};

    /// A day of one workflow and key.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "usage_days")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Days since 1970-01-01, UTC.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        /// `namespace/name`; empty where there is none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub workflow: String,
        /// All zeros where there is none.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: KeyId,
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
        /// Value of completed runs, in minor units.
        pub earned: i64,
        /// What the workers' time cost, in millionths of a minor unit.
        pub cost_worker: i64,
        /// What the calls cost, in the same.
        pub cost_calls: i64,
        /// What the mails cost, in the same.
        pub cost_mails: i64,
        /// What of the workers' time is less than a millionth, in 1/3,600,000,000 of one.
        pub worker_carry: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{ActiveModel, Column, Model};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);
