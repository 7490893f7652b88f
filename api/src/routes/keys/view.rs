//! A key as it is shown: never its secret, nor the secret's hash.

use levqor_store::ApiKey;
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// An API key.
#[derive(Serialize, Object)]
#[oai(rename = "Key")]
pub(super) struct KeyBody {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// The secret's first characters.
    pub prefix: String,
    /// The tenant's plan: `sandbox`, `pro` or `enterprise`. It sets the rate.
    pub plan: String,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// Refused from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

impl From<ApiKey> for KeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            plan: key.plan,
            created_at: time::format(key.created_at),
            revoked_at: key.revoked_at.map(time::format),
        }
    }
}
