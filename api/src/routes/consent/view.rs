//! A consent as its tenant sees it.

use levqor_consent::{Consent, Status};
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// What an address agreed to.
#[derive(Serialize, Object)]
#[oai(rename = "Consent")]
pub(super) struct ConsentBody {
    /// Its id.
    pub id: String,
    /// The address, normalised.
    pub email: String,
    /// Who that is, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The list.
    pub scope: String,
    /// `pending_double_opt_in`, `granted`, `revoked` or `expired`. Marketing is sent to `granted` only.
    pub status: String,
    /// Where it was asked for.
    pub source: String,
    /// Language of the text shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// When it was last asked for (RFC 3339).
    pub requested_at: String,
    /// When it was last given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<String>,
    /// When it was last withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

impl From<Consent> for ConsentBody {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id.to_string(),
            email: consent.email,
            user_id: consent.user_id.map(|user| user.to_string()),
            scope: consent.scope,
            status: name(consent.status).into(),
            source: consent.source,
            locale: consent.locale,
            requested_at: time::format(consent.requested_at),
            granted_at: consent.granted_at.map(time::format),
            revoked_at: consent.revoked_at.map(time::format),
        }
    }
}

const STATUSES: [(Status, &str); 4] = [
    (Status::PendingDoubleOptIn, "pending_double_opt_in"),
    (Status::Granted, "granted"),
    (Status::Revoked, "revoked"),
    (Status::Expired, "expired"),
];

fn name(status: Status) -> &'static str {
    let found = STATUSES.iter().find(|(own, _)| *own == status);
    found.map_or("", |(_, name)| name)
}

/// The status of this name.
pub(super) fn status(name: &str) -> Option<Status> {
    STATUSES
        .iter()
        .find(|(_, own)| *own == name)
        .map(|(status, _)| *status)
}
