//! Mails to send and sent.

mod table {
    use sea_orm::entity::prelude::*;

    use crate::ids::{MailId, TenantId, Timestamp, UserId};

    /// What a mail is in law.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum Kind {
        /// About what its recipient has or asked for; needs no consent.
        Transactional,
        /// Advertising; needs consent when it is sent.
        Marketing,
    }

    /// How far it is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
    pub enum State {
        /// Not taken by the transport yet.
        Queued,
        /// Taken by the transport.
        Sent,
        /// Given up.
        Failed,
        /// Not sent: its recipient's address is suppressed.
        Suppressed,
        /// Not sent: its recipient had not agreed to it.
        Refused,
    }

    /// A mail.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mails")]
    pub struct Model {
        /// Whose.
        pub tenant_id: TenantId,
        /// Which; also the provider's idempotency key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MailId,
        /// Which message; unique with tenant and recipient.
        pub key: String,
        /// Normalised address.
        pub recipient: String,
        /// Who is meant, where that is known.
        pub user_id: Option<UserId>,
        /// What it is in law.
        pub kind: Kind,
        /// What its recipient must have agreed to; marketing only.
        pub scope: Option<String>,
        /// Where one POST unsubscribes (RFC 8058); marketing only.
        pub unsubscribe: Option<String>,
        /// Name of its letter.
        pub template: String,
        /// One line.
        pub subject: String,
        /// Plain text; gone once it is sent.
        #[sea_orm(column_type = "Text", nullable)]
        pub text: Option<String>,
        /// The same in HTML; gone once it is sent.
        #[sea_orm(column_type = "Text", nullable)]
        pub html: Option<String>,
        /// JSON array of name, media type and object key.
        #[sea_orm(column_type = "Text")]
        pub attachments: String,
        /// How far it is.
        pub state: State,
        /// Tries that count.
        pub attempts: i64,
        /// Not to be tried before.
        pub due: Timestamp,
        /// Why the last try failed, or why it is not sent.
        pub reason: Option<String>,
        /// The id its provider gave it.
        pub provider_id: Option<String>,
        /// When it was written.
        pub created_at: Timestamp,
        /// When it left the state `queued`.
        pub ended_at: Option<Timestamp>,
        /// When the recipient's server took it, as far as the provider tells.
        pub delivered_at: Option<Timestamp>,
        /// When the recipient's server refused it for good.
        pub bounced_at: Option<Timestamp>,
        /// When the recipient called it spam.
        pub complained_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
pub use table::{ActiveModel, Column, Kind, Model, State};

use crate::ids::{MailId, TenantId, Timestamp};

crate::found_by_tenant!(TenantId);
crate::changed_by_tenant!(TenantId);

/// Mails of all tenants that are to be sent by now: one sender serves the installation.
pub fn find_due(now: Timestamp) -> Select<table::Entity> {
    table::Entity::find()
        .filter(Column::State.eq(State::Queued))
        .filter(Column::Due.lte(now))
}

/// The mail with this id, of any tenant: a provider's webhook serves the installation and names no tenant.
pub fn find_for_provider(id: MailId) -> Select<table::Entity> {
    table::Entity::find().filter(Column::Id.eq(id))
}

/// The mail to which the provider gave this id, of any tenant, as in [`find_for_provider`].
pub fn find_by_provider_id(id: &str) -> Select<table::Entity> {
    table::Entity::find().filter(Column::ProviderId.eq(id))
}

/// Mails of one tenant, or of all: the operator's reports count them, and show none.
pub fn find_for_report(tenant: Option<TenantId>) -> Select<table::Entity> {
    match tenant {
        Some(tenant) => secure_find(tenant),
        None => table::Entity::find(),
    }
}
