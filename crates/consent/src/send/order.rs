//! Taking an order.

use levqor_accounts::Email;
use levqor_entities::{
    consents::{self, Status},
    ids::{ConsentId, SendId},
    marketing_sends as sends,
};
use levqor_platform::Platform;
use levqor_store::{DataError, StoreError, TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, TryInsertResult};

use crate::{ConsentError, FEATURE, Scope, sender::sender};

/// Most addresses an order may name; an order to a whole list names none.
pub const RECIPIENTS: usize = 1_000;

/// What is to be sent to whom.
#[derive(Clone, Debug)]
pub struct Order {
    /// By which the tenant may repeat the order safely.
    pub key: Option<String>,
    /// SHA-256 of the order as it came: another order under the same key is a conflict.
    pub request_hash: [u8; 32],
    /// The list.
    pub scope: Scope,
    /// One line.
    pub subject: String,
    /// Plain text, without the foot.
    pub text: String,
    /// The same as a fragment of HTML; empty: made of the text.
    pub html: String,
    /// To these only, as far as they have agreed; None: to all who have.
    pub recipients: Option<Vec<Email>>,
}

/// An order that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub id: SendId,
    /// Whether it had been taken before, under its key.
    pub replayed: bool,
}

/// Takes an order. Its mails are written by [`crate::send::queue`].
///
/// # Errors
/// The tenant has no sender; the installation has no secret key or no https URL; the key stands for another order; the
/// database is away.
pub async fn order(platform: &Platform, tenant: TenantId, order: Order) -> Result<Placed, ConsentError> {
    platform.secrets(FEATURE)?;
    if !platform.link(FEATURE, "/")?.starts_with("https://") {
        return Err(ConsentError::NotHttps);
    }
    if sender(platform, tenant).await?.is_none() {
        return Err(ConsentError::NoSender);
    }
    let now = platform.db.now().await?;
    let id = SendId(platform.ids.uuid_v7());
    let (key, request_hash) = (order.key.clone(), order.request_hash);
    let row = row(platform, tenant, id, now, order).await?;
    let tx = platform.db.begin().await?;
    let inserted = sends::insert_new(row).exec_without_returning(&*tx).await;
    let inserted = inserted.map_err(|error| tx.error(error))?;
    if matches!(inserted, TryInsertResult::Inserted(1..)) {
        tx.commit().await?;
        return Ok(Placed { id, replayed: false });
    }
    let earlier = sends::secure_find(tenant)
        .filter(sends::Column::Key.eq(key))
        .one(&*tx)
        .await;
    let earlier = earlier.map_err(|error| tx.error(error))?;
    match earlier {
        Some(earlier) if earlier.request_hash == request_hash => Ok(Placed {
            id: earlier.id,
            replayed: true,
        }),
        _ => Err(ConsentError::KeyConflict),
    }
}

async fn row(
    platform: &Platform,
    tenant: TenantId,
    id: SendId,
    now: Timestamp,
    order: Order,
) -> Result<sends::ActiveModel, StoreError> {
    let audience = match &order.recipients {
        Some(recipients) => Some(audience(platform, tenant, &order.scope, recipients).await?),
        None => None,
    };
    let named = order.recipients.map_or(0, |recipients| recipients.len());
    let passed_over = named.saturating_sub(audience.as_ref().map_or(0, Vec::len));
    let json = audience.map(|ids| serde_json::to_string(&ids)).transpose();
    Ok(sends::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant),
        key: Set(order.key),
        request_hash: Set(order.request_hash.to_vec()),
        scope: Set(order.scope.as_str().to_owned()),
        subject: Set(order.subject),
        text: Set(order.text),
        html: Set(order.html),
        audience: Set(json.map_err(|error| DataError(error.to_string()))?),
        cursor: Set(None),
        queued: Set(0),
        passed_over: Set(i64::try_from(passed_over).unwrap_or(i64::MAX)),
        created_at: Set(now),
        finished_at: Set(None),
    })
}

/// The consents of those of the addresses who have agreed, in order of their ids.
async fn audience(
    platform: &Platform,
    tenant: TenantId,
    scope: &Scope,
    recipients: &[Email],
) -> Result<Vec<ConsentId>, StoreError> {
    let db = &platform.db;
    let found = consents::secure_find(tenant)
        .filter(consents::Column::Email.is_in(recipients.iter().map(Email::as_str)))
        .filter(consents::Column::Scope.eq(scope.as_str()))
        .filter(consents::Column::Status.eq(Status::Granted))
        .all(db.reader())
        .await
        .map_err(|error| db.error(error))?;
    let mut ids: Vec<_> = found.into_iter().map(|consent| consent.id).collect();
    ids.sort_unstable();
    Ok(ids)
}
