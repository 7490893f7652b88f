//! A mail as it is shown: never what it says, which opens things to its recipient.

use levqor_mail::read::{Kind, Mail, State};
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// A mail to one recipient.
#[derive(Serialize, Object)]
#[oai(rename = "Mail")]
pub(super) struct MailBody {
    /// Its id.
    pub id: String,
    /// Which message it is: it is sent once for each key and recipient.
    pub key: String,
    /// Normalised address.
    pub recipient: String,
    /// The person meant, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// `transactional` or `marketing`.
    pub kind: String,
    /// What the recipient must have agreed to; marketing only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Name of its letter.
    pub template: String,
    /// Its subject.
    pub subject: String,
    /// `queued`, `sent`, `failed`, `suppressed` or `refused`.
    pub state: String,
    /// Tries that counted, at most 11.
    pub attempts: u32,
    /// Not tried before this time (RFC 3339); while it is queued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Why the last try failed, or why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: String,
    /// When it left the state `queued`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// When the recipient's server took it, as far as the provider tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// When the recipient's server refused it for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounced_at: Option<String>,
    /// When the recipient called it spam.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complained_at: Option<String>,
}

impl From<Mail> for MailBody {
    fn from(mail: Mail) -> Self {
        Self {
            id: mail.id.to_string(),
            key: mail.key,
            recipient: mail.recipient,
            user_id: mail.user_id.map(|id| id.to_string()),
            kind: kind(mail.kind).to_owned(),
            scope: mail.scope,
            template: mail.template,
            subject: mail.subject,
            state: state(mail.state).to_owned(),
            attempts: u32::try_from(mail.attempts).unwrap_or_default(),
            due: (mail.state == State::Queued).then(|| time::format(mail.due)),
            reason: mail.reason,
            created_at: time::format(mail.created_at),
            ended_at: mail.ended_at.map(time::format),
            delivered_at: mail.delivered_at.map(time::format),
            bounced_at: mail.bounced_at.map(time::format),
            complained_at: mail.complained_at.map(time::format),
        }
    }
}

/// All states, as they are written.
pub(super) const STATES: [State; 5] = [
    State::Queued,
    State::Sent,
    State::Failed,
    State::Suppressed,
    State::Refused,
];

/// A state as it is written.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Sent => "sent",
        State::Failed => "failed",
        State::Suppressed => "suppressed",
        State::Refused => "refused",
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Transactional => "transactional",
        Kind::Marketing => "marketing",
    }
}
