//! To whom a mail goes, and as what.

use levqor_store::{TenantId, UserId};

use crate::Attachment;

/// What a mail is in law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// About what its recipient has or asked for. It needs no consent, and carries no unsubscribe headers.
    Transactional,
    /// Advertising (PECR reg. 22, ePrivacy Directive art. 13): sent only to who has consented to the scope when it leaves.
    Marketing {
        /// What the recipient must have consented to, such as `newsletter`.
        scope: String,
        /// https URL at which one POST unsubscribes the recipient (RFC 8058).
        unsubscribe: String,
    },
}

/// To whom a mail goes, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Whose mail.
    pub tenant: TenantId,
    /// Which message, at most 255 bytes: it is sent once for each (tenant, key, recipient), such as
    /// `dunning/in_1N3/day7`.
    pub key: String,
    /// What it is in law.
    pub kind: Kind,
    /// Normalised address, as `levqor_accounts::Email` gives it.
    pub to: String,
    /// Who is meant, where that is known.
    pub user: Option<UserId>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}
