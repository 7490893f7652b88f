//! What a tenant sees and may do with its mails. What they say is their recipients' alone: it holds links and codes by
//! which a person proves to be one.

use levqor_entities::{
    ids::{MailId, UserId},
    mails::{self, ActiveModel, Column},
};
use levqor_store::{Db, StoreError, TenantId, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

pub use levqor_entities::mails::{Kind, State};

/// A mail without its texts.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Mail {
    /// Which.
    pub id: MailId,
    /// Which message.
    pub key: String,
    /// Normalised address.
    pub recipient: String,
    /// Who is meant, where that is known.
    pub user_id: Option<UserId>,
    /// What it is in law.
    pub kind: Kind,
    /// What its recipient must have agreed to; marketing only.
    pub scope: Option<String>,
    /// Name of its letter.
    pub template: String,
    /// One line.
    pub subject: String,
    /// How far it is.
    pub state: State,
    /// Tries that counted.
    pub attempts: i64,
    /// Not tried before, while it is queued.
    pub due: Timestamp,
    /// Why the last try failed, or why it is not sent.
    pub reason: Option<String>,
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

const SHOWN: [Column; 17] = [
    Column::Id,
    Column::Key,
    Column::Recipient,
    Column::UserId,
    Column::Kind,
    Column::Scope,
    Column::Template,
    Column::Subject,
    Column::State,
    Column::Attempts,
    Column::Due,
    Column::Reason,
    Column::CreatedAt,
    Column::EndedAt,
    Column::DeliveredAt,
    Column::BouncedAt,
    Column::ComplainedAt,
];

/// At most `limit` mails of a tenant, newest first, in this state and older than this one where they are given.
pub async fn list(
    db: &Db,
    tenant: TenantId,
    state: Option<State>,
    before: Option<MailId>,
    limit: u64,
) -> Result<Vec<Mail>, StoreError> {
    let mut query = mails::secure_find(tenant).select_only().columns(SHOWN);
    if let Some(state) = state {
        query = query.filter(Column::State.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(Column::Id.lt(before));
    }
    let page = query.order_by_desc(Column::Id).limit(limit).into_model::<Mail>();
    page.all(db.reader()).await.map_err(|error| db.error(error))
}

/// A tenant's mail.
pub async fn get(db: &Db, tenant: TenantId, id: MailId) -> Result<Option<Mail>, StoreError> {
    let query = mails::secure_find(tenant).select_only().columns(SHOWN);
    let found = query
        .filter(Column::Id.eq(id))
        .into_model::<Mail>()
        .one(db.reader())
        .await;
    found.map_err(|error| db.error(error))
}

/// Puts a tenant's failed mail back, to be tried as often as a new one. False when it has not failed, or is not there.
pub async fn retry(tx: &Tx, tenant: TenantId, id: MailId, now: Timestamp) -> Result<bool, StoreError> {
    let again = ActiveModel {
        state: Set(State::Queued),
        attempts: Set(0),
        due: Set(now),
        reason: Set(None),
        ended_at: Set(None),
        ..ActiveModel::default()
    };
    let update = mails::secure_update(tenant)
        .set(again)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Failed));
    let updated = update.exec(&**tx).await.map_err(|error| tx.error(error))?;
    Ok(updated.rows_affected > 0)
}
