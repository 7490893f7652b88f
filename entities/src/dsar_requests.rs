//! Requests of people for their data.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{DsarId, RunId, TenantId, Timestamp, UserId};

    /// Who made it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Origin {
        /// The person, signed in.
        User,
        /// The tenant by its key, for the person; it counts when the person has confirmed it.
        Key,
    }

    /// How far it is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum State {
        /// Not known yet to come from the person.
        Unverified,
        /// To be collected.
        Accepted,
        /// The person's rows are copied.
        Collected,
        /// The package is written.
        Packaged,
        /// The package is read back and whole.
        Stored,
        /// The person has the link.
        Ready,
        /// The package was handed out.
        Downloaded,
        /// The package is deleted.
        Expired,
        /// Refused by the tenant, with a reason.
        Refused,
        /// It could not be prepared.
        Failed,
    }

    /// A request.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dsar_requests")]
    pub struct Model {
        /// Whose.
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DsarId,
        /// Who asks.
        pub user_id: UserId,
        /// Who made it.
        pub origin: Origin,
        /// How far it is.
        pub state: State,
        /// When it came in: the clock runs from here.
        pub received_at: Timestamp,
        /// When it was known to come from the person.
        pub verified_at: Option<Timestamp>,
        /// The first moment that is too late.
        pub due_at: Timestamp,
        /// The clock stands since then.
        pub paused_at: Option<Timestamp>,
        /// Microseconds it stood before.
        pub paused_us: i64,
        /// Why it stood last.
        pub pause_reason: Option<String>,
        /// When it went on last.
        pub resumed_at: Option<Timestamp>,
        /// When it was extended to three months.
        pub extended_at: Option<Timestamp>,
        /// Why.
        pub extension_reason: Option<String>,
        /// When it was refused.
        pub refused_at: Option<Timestamp>,
        /// Why.
        pub refusal_reason: Option<String>,
        /// The run that answers it.
        pub run_id: Option<RunId>,
        /// When the person's rows were copied.
        pub collected_at: Option<Timestamp>,
        /// When the package was written.
        pub packaged_at: Option<Timestamp>,
        /// SHA-256 of the package, which is part of its object's key.
        pub package_digest: Option<Vec<u8>>,
        /// Its bytes.
        pub package_size: Option<i64>,
        /// When it was read back whole.
        pub stored_at: Option<Timestamp>,
        /// When the mail with the link was written: the request is answered.
        pub notified_at: Option<Timestamp>,
        /// When the package goes.
        pub expires_at: Option<Timestamp>,
        /// When it was handed out.
        pub granted_at: Option<Timestamp>,
        /// How often it was handed out again, after a broken transfer.
        pub reissued: i64,
        /// When too many wrong codes were sent.
        pub locked_at: Option<Timestamp>,
        /// When the package was deleted.
        pub expired_at: Option<Timestamp>,
        /// When it was given up.
        pub failed_at: Option<Timestamp>,
        /// Why, in words for the tenant.
        pub failure: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, Query},
};
pub use table::{ActiveModel, Column, Model, Origin, State};

use crate::ids::{TenantId, Timestamp};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Accepted requests of all tenants that had no run by then, oldest first: one watch serves the installation.
pub fn find_stranded(before: Timestamp, most: u64) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::RunId.is_null())
        .filter(Column::State.eq(State::Accepted))
        .filter(Column::VerifiedAt.lt(before))
        .order_by_asc(Column::VerifiedAt)
        .limit(most)
}

/// Requests of all tenants that are not answered and whose run has ended all the same, oldest first: it was cancelled, or
/// faulted. As in [`find_stranded`].
pub fn find_forsaken(before: Timestamp, most: u64) -> Select<table::Entity> {
    let own = Expr::col(("live", "id")).equals(("dsar_requests", "run_id"));
    let live = Query::select()
        .expr(Expr::val(1))
        .from("live")
        .and_where(own)
        .to_owned();
    table::Entity::find()
        .filter(Column::VerifiedAt.lt(before))
        .filter(Column::NotifiedAt.is_null())
        .filter(Column::RefusedAt.is_null())
        .filter(Column::FailedAt.is_null())
        .filter(Column::RunId.is_not_null())
        .filter(Expr::exists(live).not())
        .order_by_asc(Column::VerifiedAt)
        .limit(most)
}

/// Requests of all tenants whose package should be gone by then and is not, oldest first. As in [`find_stranded`].
pub fn find_overdue(before: Timestamp, most: u64) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::ExpiresAt.lt(before))
        .filter(Column::ExpiredAt.is_null())
        .order_by_asc(Column::ExpiresAt)
        .limit(most)
}

/// Open requests of one tenant, or of all, that are past their due date and whose clock does not stand: the operator's
/// reports count them, and show none.
pub fn find_late(tenant: Option<TenantId>, now: Timestamp) -> Select<table::Entity> {
    let all = match tenant {
        Some(tenant) => secure_find(tenant),
        None => table::Entity::find(),
    };
    all.filter(Column::VerifiedAt.is_not_null())
        .filter(Column::NotifiedAt.is_null())
        .filter(Column::RefusedAt.is_null())
        .filter(Column::PausedAt.is_null())
        .filter(Column::DueAt.lte(now))
}
