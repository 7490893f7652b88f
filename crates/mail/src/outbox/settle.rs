//! Marking what became of a try.

use levqor_entities::{
    mails::{self, ActiveModel, Column, Model, State},
    usage,
};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, Insert, QueryFilter};

use super::Fate;
use crate::suppressions::{self, Cause};

/// Writes the fate of a leased mail. One that was leased anew meanwhile is left to its new holder, unless it was sent.
pub(crate) async fn settle(platform: &Platform, mail: &Model, fate: &Fate) -> Result<(), StoreError> {
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let waiting = mails::secure_update(mail.tenant_id)
        .set(change(mail, fate, now))
        .filter(Column::Id.eq(mail.id))
        .filter(Column::State.eq(State::Queued));
    let update = match fate {
        Fate::Sent(_) => waiting,
        _ => waiting.filter(Column::Attempts.eq(mail.attempts)),
    };
    let changed = update.exec(&*tx).await.map_err(|error| tx.error(error))?;
    if matches!(fate, Fate::Sent(_)) {
        charge(&tx, mail.tenant_id, now, changed.rows_affected).await?;
    }
    if let (Fate::Bounced(_), Some(secrets)) = (fate, &platform.secrets) {
        suppressions::add(&tx, secrets, mail.tenant_id, &mail.recipient, Cause::Bounce, now).await?;
    }
    tx.commit().await
}

/// Counts mails that became `sent` in this transaction, for the books: each once, since each becomes so once.
pub(crate) async fn charge(tx: &Tx, tenant: TenantId, at: Timestamp, mails: u64) -> Result<(), StoreError> {
    let mails = i64::try_from(mails).unwrap_or(i64::MAX);
    if mails == 0 {
        return Ok(());
    }
    let written = Insert::one(usage::of_mails(tenant, at, mails))
        .exec_without_returning(&**tx)
        .await;
    written.map(drop).map_err(|error| tx.error(error))
}

fn change(mail: &Model, fate: &Fate, now: Timestamp) -> ActiveModel {
    match fate {
        Fate::Sent(provider_id) => sent(provider_id.clone(), now),
        Fate::Suppressed(reason) => without_texts(ended(State::Suppressed, reason, now)),
        Fate::Refused(reason) => without_texts(ended(State::Refused, reason, now)),
        Fate::Failed(reason) | Fate::Bounced(reason) => ended(State::Failed, reason, now),
        Fate::Again(reason) => ActiveModel {
            reason: Set(Some(reason.clone())),
            ..ActiveModel::default()
        },
        Fate::Wait(reason, after) => ActiveModel {
            attempts: Set(mail.attempts - 1),
            due: Set(now.after(*after)),
            reason: Set(Some(reason.clone())),
            ..ActiveModel::default()
        },
    }
}

/// What changes in a mail that its provider has.
pub(crate) fn sent(provider_id: Option<String>, now: Timestamp) -> ActiveModel {
    without_texts(ActiveModel {
        state: Set(State::Sent),
        provider_id: Set(provider_id),
        reason: Set(None),
        ended_at: Set(Some(now)),
        ..ActiveModel::default()
    })
}

/// One that failed keeps its texts, since it may be tried again by hand.
fn ended(state: State, reason: &str, now: Timestamp) -> ActiveModel {
    ActiveModel {
        state: Set(state),
        reason: Set(Some(reason.to_owned())),
        ended_at: Set(Some(now)),
        ..ActiveModel::default()
    }
}

/// What a mail says goes with its end: its links and codes are for nobody but the recipient.
fn without_texts(change: ActiveModel) -> ActiveModel {
    ActiveModel {
        text: Set(None),
        html: Set(None),
        ..change
    }
}
