//! What an event changes. Events come late, twice and in any order.

use levqor_entities::{
    ids::MailId,
    mails::{self, ActiveModel, Column, Model, State},
};
use levqor_platform::{Platform, Secrets};
use levqor_store::{StoreError, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    outbox::{charge, sent},
    suppressions::{self, Cause},
    transport::TAG,
};

/// An event of Resend, as far as it is read here.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    created_at: Option<String>,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(default)]
    email_id: Option<String>,
    /// An object by name, or an array of `name` and `value`.
    #[serde(default)]
    tags: Value,
    #[serde(default)]
    bounce: Option<Bounce>,
}

#[derive(Debug, Deserialize)]
struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

/// What is done about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    Sent,
    Delivered,
    Bounced,
    Complained,
}

impl Event {
    /// From the body of a verified message; None when it is no event.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// None: it changes nothing here, such as a mail that was opened or a mailbox that was full.
    fn report(&self) -> Option<Report> {
        let bounce = self
            .data
            .bounce
            .as_ref()
            .and_then(|bounce| bounce.kind.as_deref());
        match self.kind.as_str() {
            "email.sent" => Some(Report::Sent),
            "email.delivered" => Some(Report::Delivered),
            "email.bounced" => matches!(bounce, None | Some("Permanent")).then_some(Report::Bounced),
            "email.complained" => Some(Report::Complained),
            _ => None,
        }
    }

    /// When it happened; `now` when it does not say so.
    fn at(&self, now: Timestamp) -> Timestamp {
        let told = self
            .created_at
            .as_deref()
            .and_then(|text| text.parse::<jiff::Timestamp>().ok());
        told.map_or(now, |at| Timestamp(at.as_microsecond()))
    }

    /// The mail's id, from the tag that the mail left with.
    fn tag(&self) -> Option<MailId> {
        let tags = &self.data.tags;
        let listed = || {
            let mut tags = tags.as_array()?.iter();
            tags.find(|tag| tag["name"] == TAG)
                .and_then(|tag| tag.get("value"))
        };
        tags.get(TAG).or_else(listed)?.as_str()?.parse().ok()
    }
}

/// Notes what an event says of a mail, and suppresses its address when it bounced for good or its owner complained. An
/// event about a mail that is not (or no longer) here changes nothing: another program may share the provider's account.
pub async fn apply(platform: &Platform, secrets: &Secrets, event: &Event) -> Result<(), StoreError> {
    let Some(report) = event.report() else {
        return Ok(());
    };
    let Some(mail) = find(platform, event).await? else {
        tracing::debug!(event = event.kind, "an event about no mail of ours");
        return Ok(());
    };
    let now = platform.db.now().await?;
    let at = event.at(now);
    let tx = platform.db.begin().await?;
    note(&tx, &mail, event, report, at).await?;
    let cause = match report {
        Report::Sent | Report::Delivered => None,
        Report::Bounced => Some(Cause::Bounce),
        Report::Complained => Some(Cause::Complaint),
    };
    if let Some(cause) = cause {
        suppressions::add(&tx, secrets, mail.tenant_id, &mail.recipient, cause, at).await?;
    }
    tx.commit().await
}

async fn find(platform: &Platform, event: &Event) -> Result<Option<Model>, StoreError> {
    let db = &platform.db;
    let found = match (event.tag(), event.data.email_id.as_deref()) {
        (Some(id), _) => mails::find_for_provider(id).one(db.reader()).await,
        (None, Some(id)) => mails::find_by_provider_id(id).one(db.reader()).await,
        (None, None) => Ok(None),
    };
    found.map_err(|error| db.error(error))
}

/// The first time counts. An event shows also that the provider has the mail, when no answer of it said so.
async fn note(tx: &Tx, mail: &Model, event: &Event, report: Report, at: Timestamp) -> Result<(), StoreError> {
    let this = || mails::secure_update(mail.tenant_id).filter(Column::Id.eq(mail.id));
    let provider_id = event.data.email_id.clone();
    let sent = this()
        .set(sent(provider_id, at))
        .filter(Column::State.is_in([State::Queued, State::Failed]));
    let changed = sent.exec(&**tx).await.map_err(|error| tx.error(error))?;
    charge(tx, mail.tenant_id, at, changed.rows_affected).await?;
    let first = Set(Some(at));
    let (change, unset) = match report {
        Report::Sent => return Ok(()),
        Report::Delivered => (
            ActiveModel {
                delivered_at: first,
                ..ActiveModel::default()
            },
            Column::DeliveredAt,
        ),
        Report::Bounced => (
            ActiveModel {
                bounced_at: first,
                ..ActiveModel::default()
            },
            Column::BouncedAt,
        ),
        Report::Complained => (
            ActiveModel {
                complained_at: first,
                ..ActiveModel::default()
            },
            Column::ComplainedAt,
        ),
    };
    let noted = this().set(change).filter(unset.is_null());
    noted.exec(&**tx).await.map(drop).map_err(|error| tx.error(error))
}

#[cfg(test)]
mod tests;
