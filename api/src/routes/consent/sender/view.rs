//! A sender as it is shown.

use levqor_consent::Sender;
use poem_openapi::Object;
use serde::Serialize;

use crate::time;

/// Who sends your marketing mail.
#[derive(Serialize, Object)]
#[oai(rename = "MarketingSender")]
pub(super) struct SenderBody {
    /// Name of the sender, who answers for the consents too.
    pub name: String,
    /// Where the sender can be written to by post.
    pub postal_address: String,
    /// When it was last set (RFC 3339).
    pub updated_at: String,
}

impl From<Sender> for SenderBody {
    fn from(sender: Sender) -> Self {
        Self {
            name: sender.name,
            postal_address: sender.postal_address,
            updated_at: time::format(sender.updated_at),
        }
    }
}
