//! What an address agreed to, as it stands now; how that came about is in [`crate::consent_events`].

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{ConsentId, ContactId, TenantId, Timestamp, UserId, WordingId};

    /// How it stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Status {
        /// Asked for; the mailbox has not confirmed it.
        PendingDoubleOptIn,
        /// Confirmed by the mailbox: the only one under which marketing is sent.
        Granted,
        /// Withdrawn.
        Revoked,
        /// Asked for and not confirmed in time.
        Expired,
    }

    /// A consent of an address to a list.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consents")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ConsentId,
        /// Whose list.
        pub tenant_id: TenantId,
        /// The address's row.
        pub contact_id: ContactId,
        /// Normalised address; unique with tenant and scope.
        pub email: String,
        /// Who that is, where it is known.
        pub user_id: Option<UserId>,
        /// The list, such as `marketing`.
        pub scope: String,
        /// How it stands.
        pub status: Status,
        /// Where it was asked for, such as `signup_checkbox`.
        pub source: String,
        /// Language of the page where it was asked for (BCP 47).
        pub locale: Option<String>,
        /// The text shown when it was last asked for or given.
        pub wording_id: WordingId,
        /// When it was last asked for.
        pub requested_at: Timestamp,
        /// When it was last given.
        pub granted_at: Option<Timestamp>,
        /// When it was last withdrawn.
        pub revoked_at: Option<Timestamp>,
        /// When its status last changed.
        pub updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Select,
    sea_query::{Expr, ExprTrait, Query},
};
pub use table::{ActiveModel, Column, Model, Status};

use crate::ids::{TenantId, Timestamp};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// The row by which this address may be sent marketing of this scope: none, and it may not. `email` is normalised.
/// To be asked when a mail is sent, not when it is written (domain 2.5).
pub fn granted(tenant: TenantId, email: &str, scope: &str) -> Select<table::Entity> {
    secure_find(tenant)
        .filter(Column::Email.eq(email))
        .filter(Column::Scope.eq(scope))
        .filter(Column::Status.eq(Status::Granted))
}

/// Consents of all tenants that were asked for before this time and not confirmed: one sweep serves the installation.
pub fn find_lapsed(before: Timestamp) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::Status.eq(Status::PendingDoubleOptIn))
        .filter(Column::RequestedAt.lt(before))
        .order_by_asc(Column::RequestedAt)
}

/// Tables that tell of a consent: what is deleted with it.
pub const TABLES: [&str; 4] = ["consents", "consent_contacts", "consent_events", "consent_links"];

/// Expired consents of all tenants that were asked for before this time and never given, less those that a legal hold
/// keeps; as in [`find_lapsed`].
pub fn find_never_given(before: Timestamp) -> Select<table::Entity> {
    let of_hold = |column| Expr::col(("legal_holds", column));
    let own = |column| Expr::col(("consents", column));
    let about = of_hold("user_id")
        .is_null()
        .or(of_hold("user_id").eq(own("user_id")))
        .or(of_hold("email").eq(own("email")));
    let held = Query::select()
        .expr(Expr::val(1))
        .from("legal_holds")
        .and_where(of_hold("tenant_id").eq(own("tenant_id")))
        .and_where(of_hold("released_at").is_null())
        .and_where(
            of_hold("table_name")
                .is_null()
                .or(of_hold("table_name").is_in(TABLES)),
        )
        .and_where(about)
        .to_owned();
    table::Entity::find()
        .filter(Column::Status.eq(Status::Expired))
        .filter(Column::RequestedAt.lt(before))
        .filter(Column::GrantedAt.is_null())
        .filter(Expr::exists(held).not())
        .order_by_asc(Column::RequestedAt)
}
