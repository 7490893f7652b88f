//! A hold as it is shown.

use levqor_entities::legal_holds::Model;
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// A legal hold.
#[derive(Serialize, Object)]
#[oai(rename = "LegalHold")]
pub(super) struct HoldBody {
    /// Its id.
    pub id: String,
    /// Only rows about this person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Only rows of this table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Who asks for it.
    pub authority: String,
    /// What for.
    pub reason: String,
    /// Who placed it: `key:` and the key's id.
    pub placed_by: String,
    /// When (RFC 3339).
    pub placed_at: String,
    /// Who released it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_by: Option<String>,
    /// It holds nothing from then on (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_at: Option<String>,
    /// Why it was released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_reason: Option<String>,
}

impl From<Model> for HoldBody {
    fn from(hold: Model) -> Self {
        Self {
            id: hold.id.to_string(),
            user_id: hold.user_id.map(|user| user.to_string()),
            table: hold.table_name,
            authority: hold.authority,
            reason: hold.reason,
            placed_by: hold.placed_by,
            placed_at: time::format(hold.placed_at),
            released_by: hold.released_by,
            released_at: hold.released_at.map(time::format),
            release_reason: hold.release_reason,
        }
    }
}
