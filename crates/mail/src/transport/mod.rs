//! Ways in which mails leave.

mod folder;
mod resend;
mod smtp;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lettre::message::Mailbox;
use levqor_egress::Egress;
use levqor_platform::NotConfigured;

use crate::{
    Options, TransportOptions,
    message::{Message, Sender},
};

pub(crate) use resend::TAG;

/// The API of Resend.
pub const RESEND_URL: &str = "https://api.resend.com";

/// What this side's trouble waits for when nobody says how long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Longest that the transport's own wish to wait is followed.
const MOST_PATIENCE: Duration = Duration::from_hours(1);

/// Why a mail was not taken, and with it what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No mail can be sent now, whatever it is: it waits, and the try does not count.
    #[error("{reason}")]
    Here {
        /// For an operator.
        reason: String,
        /// Not before.
        after: Duration,
    },
    /// It was not taken this time.
    #[error("{0}")]
    Again(String),
    /// It will never be taken.
    #[error("{0}")]
    Final(String),
    /// It will never be taken since there is no such mailbox.
    #[error("{0}")]
    NoMailbox(String),
}

impl Failure {
    /// Trouble that an operator has to end.
    pub(crate) fn here(reason: impl Into<String>) -> Self {
        Self::Here {
            reason: reason.into(),
            after: PATIENCE,
        }
    }
}

/// A way in which mails leave. Sending the same mail again must be as harmless as the way allows.
#[async_trait]
pub(crate) trait Transport: Send + Sync + 'static {
    /// Hands a mail over; the id that the provider gave it, if it gives any.
    async fn send(&self, message: &Message) -> Result<Option<String>, Failure>;
}

/// The way that an installation has chosen, and who sends.
pub(crate) fn open(
    options: &Options,
    egress: &Egress,
) -> Result<(Arc<dyn Transport>, Sender), NotConfigured> {
    let from = from(options)?;
    let transport: Arc<dyn Transport> = match &options.transport {
        TransportOptions::Off => return Err(missing("mail")),
        TransportOptions::Folder(folder) => Arc::new(folder::Folder::new(folder)),
        TransportOptions::Resend { api_key, url } => {
            let key = api_key.clone().ok_or(missing("resend_api_key"))?;
            Arc::new(resend::Resend::new(egress.clone(), key, url))
        }
        TransportOptions::Smtp(server) => {
            let smtp = smtp::Smtp::new(server, from.email.domain());
            Arc::new(smtp.ok_or(missing("mail"))?)
        }
    };
    let unsubscribe_address = options.unsubscribe_address.clone();
    Ok((
        transport,
        Sender {
            from,
            unsubscribe_address,
        },
    ))
}

/// Whether mails can leave with these settings, as far as can be told without sending one.
///
/// # Errors
/// The setting that is missing.
pub fn ready(options: &Options) -> Result<(), NotConfigured> {
    from(options).map(drop)
}

/// Who sends, when nothing else is missing. Files reach nobody, so they may come from anybody.
fn from(options: &Options) -> Result<Mailbox, NotConfigured> {
    let from = options.from.clone();
    match &options.transport {
        TransportOptions::Off => Err(missing("mail")),
        TransportOptions::Resend { api_key: None, .. } => Err(missing("resend_api_key")),
        TransportOptions::Folder(_) => from.or_else(nobody).ok_or(missing("mail_from")),
        TransportOptions::Resend { .. } | TransportOptions::Smtp(_) => from.ok_or(missing("mail_from")),
    }
}

fn nobody() -> Option<Mailbox> {
    crate::sender("Levqor <levqor@localhost>").ok()
}

fn missing(setting: &'static str) -> NotConfigured {
    let feature = "mail";
    NotConfigured { feature, setting }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing_of(transport: TransportOptions, from: bool) -> Option<&'static str> {
        let options = Options {
            transport,
            from: from.then(|| crate::sender("a@levqor.test").unwrap()),
            unsubscribe_address: None,
        };
        ready(&options).err().map(|error| error.setting)
    }

    #[test]
    fn the_setting_that_is_missing_is_named() {
        let resend = |key: Option<&str>| TransportOptions::Resend {
            api_key: key.map(str::to_owned),
            url: RESEND_URL.to_owned(),
        };
        let smtp = || TransportOptions::Smtp(crate::SmtpServer::parse("smtps://mx.test").unwrap());
        assert_eq!(missing_of(TransportOptions::Off, true), Some("mail"));
        assert_eq!(missing_of(resend(None), true), Some("resend_api_key"));
        assert_eq!(missing_of(resend(Some("re_1")), false), Some("mail_from"));
        assert_eq!(missing_of(smtp(), false), Some("mail_from"));
        assert_eq!(missing_of(resend(Some("re_1")), true), None);
        assert_eq!(missing_of(smtp(), true), None);
        assert_eq!(missing_of(TransportOptions::Folder("mail".into()), false), None);
    }
}
