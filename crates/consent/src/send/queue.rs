//! Writing the mails of an order into the outbox.

use levqor_audit::{Actor, Entry};
use levqor_entities::{
    consents::{self, Status},
    ids::{ConsentId, SendId},
    marketing_senders as senders, marketing_sends as sends,
};
use levqor_mail::{Envelope, Kind, letters::Marketing};
use levqor_platform::Platform;
use levqor_store::{StoreError, TenantId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::{ConsentError, Scope, links, record::Work, sender::sender};

/// Mails in one transaction: few, since on SQLite nobody else writes meanwhile.
const PAGE: u64 = 50;

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Mails written.
    pub queued: i64,
    /// Recipients that have not agreed, or no more.
    pub passed_over: i64,
    /// Whether that was all.
    pub done: bool,
}

/// Writes the next page of an order's mails; call again until it is done. Safe to repeat: the page and how far the order
/// is are committed together. None: the tenant has no such order.
///
/// # Errors
/// The installation lost its secret key or public URL, the tenant its sender, or the database is away.
pub async fn queue(
    platform: &Platform,
    tenant: TenantId,
    id: SendId,
) -> Result<Option<Progress>, ConsentError> {
    let sender = sender(platform, tenant).await?.ok_or(ConsentError::NoSender)?;
    let now = platform.db.now().await?;
    let tx = platform.db.begin().await?;
    let work = Work {
        tx: &tx,
        platform,
        tenant,
        now,
        controller: &sender.name,
    };
    let found = sends::lock(tenant, id).one(&*tx).await;
    let Some(send) = found.map_err(|error| tx.error(error))? else {
        return Ok(None);
    };
    if send.finished_at.is_some() {
        return Ok(Some(progress(&send)));
    }
    let page = work.page(&send).await?;
    work.remember_links(&page.granted).await?;
    let mut written = 0;
    for consent in &page.granted {
        written += i64::from(work.write(&send, &sender, consent).await?);
    }
    let send = work.advance(send, &page, written).await?;
    tx.commit().await?;
    Ok(Some(progress(&send)))
}

/// The next of an order's recipients.
struct Page {
    granted: Vec<consents::Model>,
    passed_over: usize,
    last: Option<ConsentId>,
    end: bool,
}

impl Work<'_> {
    async fn page(&self, send: &sends::Model) -> Result<Page, StoreError> {
        let granted = consents::secure_find(self.tenant)
            .filter(consents::Column::Scope.eq(&send.scope))
            .filter(consents::Column::Status.eq(Status::Granted))
            .order_by_asc(consents::Column::Id);
        let Some(audience) = &send.audience else {
            let mut found = granted.limit(PAGE);
            if let Some(cursor) = send.cursor {
                found = found.filter(consents::Column::Id.gt(cursor));
            }
            let granted = found
                .all(&**self.tx)
                .await
                .map_err(|error| self.tx.error(error))?;
            return Ok(Page {
                last: granted.last().map(|consent| consent.id),
                end: (granted.len() as u64) < PAGE,
                passed_over: 0,
                granted,
            });
        };
        let ids = next(audience, send.cursor)?;
        let found = granted.filter(consents::Column::Id.is_in(ids.iter().copied()));
        let granted = found
            .all(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))?;
        Ok(Page {
            last: ids.last().copied(),
            end: (ids.len() as u64) < PAGE,
            passed_over: ids.len() - granted.len(),
            granted,
        })
    }

    /// Whether the mail was not there before.
    async fn write(
        &self,
        send: &sends::Model,
        sender: &senders::Model,
        consent: &consents::Model,
    ) -> Result<bool, ConsentError> {
        let unsubscribe =
            links::unsubscribe_url(self.platform, &links::unsubscribe(self.platform, consent)?)?;
        let preferences =
            links::preferences_url(self.platform, &links::preferences(self.platform, consent)?)?;
        let letter = Marketing {
            subject: send.subject.clone(),
            text: send.text.clone(),
            html: send.html.clone(),
            scope: Scope::title(&send.scope),
            sender: sender.name.clone(),
            postal_address: sender.postal_address.clone(),
            unsubscribe: unsubscribe.clone(),
            preferences,
        };
        let envelope = Envelope {
            tenant: self.tenant,
            key: format!("marketing/{}", send.id),
            kind: Kind::Marketing {
                scope: send.scope.clone(),
                unsubscribe,
            },
            to: consent.email.clone(),
            user: consent.user_id,
            attachments: Vec::new(),
        };
        Ok(levqor_mail::enqueue(self.tx, self.platform, self.now, envelope, &letter).await?)
    }

    async fn advance(
        &self,
        send: sends::Model,
        page: &Page,
        written: i64,
    ) -> Result<sends::Model, StoreError> {
        let queued = send.queued + written;
        let passed_over = send.passed_over + i64::try_from(page.passed_over).unwrap_or(i64::MAX);
        let cursor = page.last.or(send.cursor);
        let mut row = send.into_active_model();
        row.queued = Set(queued);
        row.passed_over = Set(passed_over);
        row.cursor = Set(cursor);
        row.finished_at = Set(page.end.then_some(self.now));
        let send = row
            .update(&**self.tx)
            .await
            .map_err(|error| self.tx.error(error))?;
        if page.end {
            self.audit_send(&send).await?;
        }
        Ok(send)
    }

    async fn audit_send(&self, send: &sends::Model) -> Result<(), StoreError> {
        let detail = json!({
            "send": send.id,
            "scope": send.scope,
            "queued": send.queued,
            "passed_over": send.passed_over,
        });
        let entry = Entry {
            tenant: self.tenant,
            stream: "consent",
            kind: "consent.mail_queued",
            actor: Actor::System,
            subject: None,
            detail: &detail,
        };
        levqor_audit::append(self.tx, self.platform, self.now, entry).await
    }
}

/// The next of the consents an order names.
fn next(audience: &str, cursor: Option<ConsentId>) -> Result<Vec<ConsentId>, StoreError> {
    let all: Vec<ConsentId> =
        serde_json::from_str(audience).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let left = all
        .into_iter()
        .filter(|id| cursor.is_none_or(|cursor| *id > cursor));
    Ok(left.take(usize::try_from(PAGE).unwrap_or(usize::MAX)).collect())
}

fn progress(send: &sends::Model) -> Progress {
    Progress {
        queued: send.queued,
        passed_over: send.passed_over,
        done: send.finished_at.is_some(),
    }
}
