//! Writing a mail into the outbox.

use levqor_accounts::Email;
use levqor_entities::{ids::MailId, mails};
use levqor_platform::Platform;
use levqor_store::{DataError, StoreError, Timestamp, Tx};
use sea_orm::{ActiveValue::Set, Insert, sea_query::OnConflict};

use crate::{Attachment, Envelope, Kind, Letter};

/// Longest key, address and subject, in bytes.
const LINE: usize = 255;

/// Longest text and longest HTML, in bytes.
const BODY: usize = 256 * 1024;

/// Writes a mail, to be sent once this transaction is committed. False when the tenant has a mail under this key to
/// this recipient already, in whatever state: it stays as it is.
///
/// # Errors
/// [`StoreError::Data`] when a line is empty, too long or more than one, the address is not normalised, the unsubscribe
/// link is not https, or a text is empty or larger than 256 KiB.
pub async fn enqueue<L: Letter>(
    tx: &Tx,
    platform: &Platform,
    now: Timestamp,
    envelope: Envelope,
    letter: &L,
) -> Result<bool, StoreError> {
    let row = row(MailId(platform.ids.uuid_v7()), now, envelope, letter)?;
    let unique = [
        mails::Column::TenantId,
        mails::Column::Key,
        mails::Column::Recipient,
    ];
    let written = Insert::one(row)
        .on_conflict(OnConflict::columns(unique).do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await;
    written.map(|rows| rows > 0).map_err(|error| tx.error(error))
}

/// The row of a new mail.
pub(crate) fn row<L: Letter>(
    id: MailId,
    now: Timestamp,
    envelope: Envelope,
    letter: &L,
) -> Result<mails::ActiveModel, StoreError> {
    let (kind, scope, unsubscribe) = match envelope.kind {
        Kind::Transactional => (mails::Kind::Transactional, None, None),
        Kind::Marketing { scope, unsubscribe } => (
            mails::Kind::Marketing,
            Some(line("scope", scope)?),
            Some(link(unsubscribe)?),
        ),
    };
    Ok(mails::ActiveModel {
        tenant_id: Set(envelope.tenant),
        id: Set(id),
        key: Set(line("key", envelope.key)?),
        recipient: Set(recipient(envelope.to)?),
        user_id: Set(envelope.user),
        kind: Set(kind),
        scope: Set(scope),
        unsubscribe: Set(unsubscribe),
        template: Set(L::TEMPLATE.to_owned()),
        subject: Set(line("subject", letter.subject())?),
        text: Set(Some(body("text", letter.text())?)),
        html: Set(Some(body("html", letter.html())?)),
        attachments: Set(files(&envelope.attachments)?),
        state: Set(mails::State::Queued),
        attempts: Set(0),
        due: Set(now),
        reason: Set(None),
        provider_id: Set(None),
        created_at: Set(now),
        ended_at: Set(None),
        delivered_at: Set(None),
        bounced_at: Set(None),
        complained_at: Set(None),
    })
}

fn refused(why: String) -> StoreError {
    StoreError::Data(DataError(why))
}

/// A line end here would become a header of its own (CWE-93): control characters are refused, not removed.
fn line(what: &str, text: String) -> Result<String, StoreError> {
    let good = !text.is_empty() && text.len() <= LINE && !text.chars().any(char::is_control);
    let why = || {
        refused(format!(
            "the {what} of a mail is not one line of 1 to {LINE} bytes"
        ))
    };
    good.then_some(text).ok_or_else(why)
}

fn recipient(text: String) -> Result<String, StoreError> {
    let good = Email::parse(&text).is_ok_and(|address| address.as_str() == text);
    let why = || refused("a mail goes to no normalised address".to_owned());
    good.then_some(text).ok_or_else(why)
}

/// Their names are lines of headers too.
fn files(attachments: &[Attachment]) -> Result<String, StoreError> {
    for attachment in attachments {
        line("name of a file", attachment.name.clone())?;
        line("media type of a file", attachment.media_type.clone())?;
    }
    serde_json::to_string(attachments).map_err(|error| refused(error.to_string()))
}

/// Schemes and hosts of an unsubscribe link: RFC 8058 asks for https; a machine that serves only itself has none.
const LINKS: [&str; 4] = [
    "https://",
    "http://127.0.0.1:",
    "http://[::1]:",
    "http://localhost:",
];

/// It stands on one line of the header, whose length is bounded (RFC 5322, 2.1.1).
fn link(url: String) -> Result<String, StoreError> {
    let good = LINKS.iter().any(|begin| url.starts_with(begin))
        && url.len() <= 900
        && url
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>,\"".contains(&b));
    good.then_some(url).ok_or_else(|| {
        refused("the unsubscribe link of a mail is no https URL of at most 900 bytes".to_owned())
    })
}

fn body(what: &str, text: String) -> Result<String, StoreError> {
    let good = !text.trim().is_empty() && text.len() <= BODY && !text.contains('\0');
    let why = || refused(format!("the {what} of a mail is not 1 byte to 256 KiB long"));
    good.then_some(text).ok_or_else(why)
}

#[cfg(test)]
mod tests;
