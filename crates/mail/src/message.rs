//! A mail with everything that leaves with it: all transports build what they send from this.

use bytes::Bytes;
use lettre::{Address, message::Mailbox};
use levqor_entities::{ids::MailId, mails};
use levqor_store::Timestamp;

/// Who sends an installation's mails.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) from: Mailbox,
    pub(crate) unsubscribe_address: Option<String>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) content: Bytes,
}

/// A mail as it leaves.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: MailId,
    pub(crate) from: Mailbox,
    pub(crate) to: Address,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Besides those that every mail has (From, To, Subject, Date, Message-ID) and those of MIME.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) files: Vec<File>,
    pub(crate) written_at: Timestamp,
}

impl Message {
    /// From a row of the outbox; the error says why it cannot be one.
    pub(crate) fn new(mail: &mails::Model, sender: &Sender, files: Vec<File>) -> Result<Self, String> {
        let to = mail.recipient.parse();
        let gone = || "its text is gone".to_owned();
        Ok(Self {
            id: mail.id,
            from: sender.from.clone(),
            to: to.map_err(|error| format!("its recipient is no address: {error}"))?,
            subject: mail.subject.clone(),
            text: mail.text.clone().ok_or_else(gone)?,
            html: mail.html.clone().ok_or_else(gone)?,
            headers: headers(mail, sender),
            files,
            written_at: mail.created_at,
        })
    }

    /// The same however often it is sent: by it a recipient may tell a repeat.
    pub(crate) fn message_id(&self) -> String {
        format!("<{}@{}>", self.id, self.from.email.domain())
    }
}

/// `Auto-Submitted` (RFC 3834) keeps out-of-office answers away. The two of unsubscribing (RFC 2369, RFC 8058) stand on
/// every marketing mail and on no other, where they would promise what cannot be had.
fn headers(mail: &mails::Model, sender: &Sender) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Auto-Submitted", "auto-generated".to_owned())];
    if let (mails::Kind::Marketing, Some(link)) = (mail.kind, &mail.unsubscribe) {
        let ways = match &sender.unsubscribe_address {
            Some(address) => format!("<{link}>, <mailto:{address}?subject=unsubscribe>"),
            None => format!("<{link}>"),
        };
        headers.push(("List-Unsubscribe", ways));
        headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests;
