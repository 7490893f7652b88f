//! A person as they are shown.

use levqor_accounts::User;
use poem_openapi::Object;
use serde::Serialize;

use crate::{
    json::{Raw, raw},
    time,
};

/// A person.
#[derive(Serialize, Object)]
#[oai(rename = "User")]
pub(super) struct UserBody {
    /// Their id.
    pub id: String,
    /// Their e-mail address, in lower case.
    pub email: String,
    /// As they want to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Language tag (RFC 5646) such as `en-GB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// ISO 4217 code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What the tenant keeps about them: an object.
    pub meta: Option<Raw>,
    /// The terms they accepted last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// When the record was made (RFC 3339).
    pub created_at: String,
    /// When it changed last (RFC 3339).
    pub updated_at: String,
}

/// Accepted terms.
#[derive(Serialize, Object)]
pub(super) struct Terms {
    /// Their version.
    pub version: String,
    /// When they were accepted (RFC 3339).
    pub at: String,
    /// From which network: an address whose last part is zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        let accepted = user.terms_version.zip(user.terms_at);
        let terms = accepted.map(|(version, at)| Terms {
            version,
            at: time::format(at),
            address: user.terms_ip,
        });
        Self {
            id: user.id.to_string(),
            email: user.email,
            name: user.name,
            locale: user.locale,
            currency: user.currency,
            meta: raw(user.meta.into_bytes()),
            terms,
            created_at: time::format(user.created_at),
            updated_at: time::format(user.updated_at),
        }
    }
}
