//! Stripe's events as they came.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{TenantId, Timestamp};

    /// How far an event is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "i64", db_type = "BigInteger")]
    pub enum State {
        /// To be processed.
        #[sea_orm(num_value = 0)]
        Pending,
        /// Processed.
        #[sea_orm(num_value = 1)]
        Done,
        /// Its customer is no tenant's yet.
        #[sea_orm(num_value = 2)]
        Unlinked,
        /// It lacks what its type must have; kept for the operator.
        #[sea_orm(num_value = 3)]
        Unreadable,
    }

    /// An event.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stripe_events")]
    pub struct Model {
        /// Whose; None until its customer is known.
        pub tenant_id: Option<TenantId>,
        /// Stripe's id, `evt_…`; of a body without one its SHA-256.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Its `type`; empty when the body names none.
        pub kind: String,
        /// Stripe's id of the customer it is about.
        pub customer: Option<String>,
        /// The body as it was signed.
        pub body: Vec<u8>,
        /// When it came first.
        pub received_at: Timestamp,
        /// How far it is.
        pub state: State,
        /// When it left the state `Pending` last.
        pub processed_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select, UpdateMany};
pub use table::{ActiveModel, Column, Model, State};

crate::found_by_tenant!(TenantId);

/// Events to process, oldest first, of all tenants and of none: it is their processing that finds out whose they are.
pub fn find_pending() -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::State.eq(State::Pending))
        .order_by_asc(Column::ReceivedAt)
        .order_by_asc(Column::Id)
}

/// How many are in this state: for the operator, who bills all tenants.
pub fn find_in(state: State) -> Select<table::Entity> {
    table::Entity::find().filter(Column::State.eq(state))
}

/// Says of these events how far they are.
pub fn settle<'a>(ids: impl IntoIterator<Item = &'a str>, state: State) -> UpdateMany<table::Entity> {
    table::Entity::update_many()
        .filter(Column::Id.is_in(ids))
        .col_expr(Column::State, sea_orm::sea_query::Expr::value(state))
}

/// Events of this customer in this state, to be changed: by it they are found before they are any tenant's.
pub fn in_state_of(customer: &str, state: State) -> UpdateMany<table::Entity> {
    table::Entity::update_many()
        .filter(Column::State.eq(state))
        .filter(Column::Customer.eq(customer))
}

/// To be processed anew: what waited for its customer, when that is somebody's by now.
pub fn release_linked() -> UpdateMany<table::Entity> {
    let linked = crate::billing_accounts::customers().into_query();
    table::Entity::update_many()
        .filter(Column::State.eq(State::Unlinked))
        .filter(Column::Customer.in_subquery(linked))
        .col_expr(Column::State, sea_orm::sea_query::Expr::value(State::Pending))
}
