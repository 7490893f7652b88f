//! Budgets: what a tenant, a workflow or a key may spend in a period.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{BudgetId, TenantId, Timestamp};

    /// Whose spending counts.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Scope {
        /// All of the tenant.
        Tenant,
        /// All versions of one workflow.
        Workflow,
        /// Runs that one API key started.
        Key,
    }

    /// When it begins anew, UTC.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Period {
        /// At midnight.
        Day,
        /// On the first of the month.
        Month,
        /// Never.
        Total,
    }

    /// What happens when it is used up.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Action {
        /// Nothing new starts, and runs fault before their next call.
        Stop,
        /// Nothing new starts.
        Refuse,
    }

    /// A budget.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "budgets")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: BudgetId,
        /// Whose.
        pub tenant_id: TenantId,
        /// Whose spending counts.
        pub scope: Scope,
        /// `namespace/name` or a key's id; empty for the whole tenant.
        pub subject: String,
        /// When it begins anew.
        pub period: Period,
        /// What may be spent, in minor units.
        pub most: i64,
        /// What happens then.
        pub action: Action,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was changed last.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use table::{Action, ActiveModel, Column, Model, Period, Scope};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);
