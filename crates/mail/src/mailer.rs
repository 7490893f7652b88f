//! Sends what the outbox holds.

use std::sync::Arc;

use levqor_egress::Egress;
use levqor_entities::{ids::MailId, mails};
use levqor_objects::Key;
use levqor_platform::{NotConfigured, Platform};
use levqor_store::{StoreError, Timestamp};
use sea_orm::TryIntoModel;

use crate::{
    Attachment, Envelope, Fate, Letter, MOST_TRIES, Options, TRY_LIMIT, enqueue,
    gate::{self, Verdict},
    message::{File, Message, Sender},
    outbox,
    transport::{self, Failure, Transport},
};

/// Most bytes of all files of a mail together; base64 makes a third more of them, and servers take some 25 MiB.
const MOST_FILES: usize = 15 * 1024 * 1024;

/// Sends what the outbox holds, by the way that the installation has chosen. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    platform: Platform,
    transport: Arc<dyn Transport>,
    sender: Arc<Sender>,
}

impl Mailer {
    /// Over the outbox of `platform`.
    ///
    /// # Errors
    /// The setting without which no mail can leave; until it is there, mails wait.
    pub fn new(platform: Platform, egress: &Egress, options: &Options) -> Result<Self, NotConfigured> {
        let (transport, sender) = transport::open(options, egress)?;
        Ok(Self {
            platform,
            transport,
            sender: Arc::new(sender),
        })
    }

    /// Takes at most `limit` mails that are due. For each of them [`Mailer::deliver`], then [`Mailer::settle`]; a mail
    /// with which this process dies comes back when its lease is over.
    pub async fn lease(&self, limit: u64) -> Result<Vec<mails::Model>, StoreError> {
        outbox::lease(&self.platform.db, limit).await
    }

    /// One try: asks the gate, then sends. Takes no longer than [`TRY_LIMIT`].
    pub async fn deliver(&self, mail: &mails::Model) -> Fate {
        let tried = tokio::time::timeout(TRY_LIMIT, self.attempt(mail)).await;
        let late = || Err(Failure::Again(format!("no end within {} s", TRY_LIMIT.as_secs())));
        match tried.unwrap_or_else(|_| late()) {
            Ok(fate) => fate,
            Err(Failure::Here { reason, after }) => Fate::Wait(reason, after),
            Err(Failure::Again(reason)) if mail.attempts < MOST_TRIES => Fate::Again(reason),
            Err(Failure::NoMailbox(reason)) => Fate::Bounced(reason),
            Err(Failure::Again(reason) | Failure::Final(reason)) => Fate::Failed(reason),
        }
    }

    /// Writes the fate of a leased mail into its row.
    pub async fn settle(&self, mail: &mails::Model, fate: &Fate) -> Result<(), StoreError> {
        outbox::settle(&self.platform, mail, fate).await
    }

    async fn attempt(&self, mail: &mails::Model) -> Result<Fate, Failure> {
        let verdict = gate::ask(&self.platform, mail).await;
        match verdict.map_err(|error| Failure::here(error.to_string()))? {
            Verdict::Send => {}
            Verdict::Suppressed(why) => return Ok(Fate::Suppressed(why.to_owned())),
            Verdict::Refused(why) => return Ok(Fate::Refused(why.to_owned())),
            Verdict::Unknown(why) => return Err(Failure::here(why)),
        }
        let files = self.files(&mail.attachments).await?;
        let message = Message::new(mail, &self.sender, files).map_err(Failure::Final)?;
        self.transport.send(&message).await.map(Fate::Sent)
    }

    async fn files(&self, attachments: &str) -> Result<Vec<File>, Failure> {
        let wanted: Vec<Attachment> = serde_json::from_str(attachments)
            .map_err(|error| Failure::Final(format!("its list of files cannot be read: {error}")))?;
        let mut files = Vec::with_capacity(wanted.len());
        let mut size = 0;
        for attachment in wanted {
            let file = self.file(attachment).await?;
            size += file.content.len();
            if size > MOST_FILES {
                return Err(Failure::Final(format!(
                    "its files are larger than {MOST_FILES} bytes"
                )));
            }
            files.push(file);
        }
        Ok(files)
    }

    async fn file(&self, attachment: Attachment) -> Result<File, Failure> {
        let Attachment {
            name,
            media_type,
            object,
        } = attachment;
        let missing = || Failure::Final(format!("the file {name} is not there"));
        let key = Key::new(object).ok_or_else(missing)?;
        let content = self.platform.objects.get(&key).await;
        let content = content
            .map_err(|error| Failure::Again(error.to_string()))?
            .ok_or_else(missing)?;
        Ok(File {
            name,
            media_type,
            content,
        })
    }
}

/// Sends a letter past the outbox and the gate, for an operator who wants to see whether mail arrives; the id that the
/// provider gave it.
///
/// # Errors
/// A setting is missing, the letter cannot be written, or the transport did not take it.
pub async fn send_now<L: Letter>(
    options: &Options,
    egress: &Egress,
    (id, now): (MailId, Timestamp),
    envelope: Envelope,
    letter: &L,
) -> Result<Option<String>, Failure> {
    let (transport, sender) =
        transport::open(options, egress).map_err(|error| Failure::here(error.to_string()))?;
    let row = enqueue::row(id, now, envelope, letter).map_err(|error| error.to_string());
    let mail = row.and_then(|row| row.try_into_model().map_err(|error| error.to_string()));
    let message = mail
        .and_then(|mail| Message::new(&mail, &sender, Vec::new()))
        .map_err(Failure::Final)?;
    let send = transport.send(&message);
    let late = |_| Failure::Again(format!("no end within {} s", TRY_LIMIT.as_secs()));
    tokio::time::timeout(TRY_LIMIT, send).await.map_err(late)?
}

#[cfg(test)]
mod tests;
