//! Reports as PDF: what was ordered, and what became of it.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ReportId, TenantId, Timestamp};

    /// What it tells about.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Kind {
        /// Runs, mails and requests of a period.
        Operations,
        /// What was checked of the installation or the tenant, and what came out.
        Evidence,
    }

    /// How far it is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum State {
        /// Ordered.
        Queued,
        /// Written and stored.
        Ready,
    }

    /// A report.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reports")]
    pub struct Model {
        /// Whose.
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ReportId,
        /// Which order; unique in the tenant.
        pub key: String,
        /// What it tells about.
        pub kind: Kind,
        /// Beginning of the period.
        pub period_from: Timestamp,
        /// End of the period, no longer part of it.
        pub period_to: Timestamp,
        /// Who gets it as a mail.
        pub mail_to: Option<String>,
        /// How far it is.
        pub state: State,
        /// When it was ordered.
        pub created_at: Timestamp,
        /// When it was stored.
        pub ready_at: Option<Timestamp>,
        /// Pages of the file.
        pub pages: Option<i64>,
        /// Bytes of the file.
        pub size: Option<i64>,
        /// SHA-256 of the file.
        pub sha256: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{Insert, TryInsert};
pub use table::{ActiveModel, Column, Kind, Model, State};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Adds a report; nothing when its order is there already.
pub fn insert_new(report: ActiveModel) -> TryInsert<ActiveModel> {
    Insert::one(report).on_conflict_do_nothing_on([Column::TenantId, Column::Key])
}
