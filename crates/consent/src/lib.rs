//! Marketing consent (PECR reg. 22, ePrivacy Directive art. 13, GDPR art. 7).
//!
//! A tenant asks for a consent with the exact text that a person was shown ([`ask`]); the mailbox gets a link, and the
//! person behind it confirms with a button ([`confirm`]): only then it is granted. It is withdrawn by one POST to the link
//! in each mail (RFC 8058, [`unsubscribe`]), on the preference page ([`choose`]), or by the tenant ([`revoke`]). How it
//! stands is a row in `consents`; how it came about are rows in `consent_events`, which are only ever added, and entries of
//! the audit trail.
//!
//! ```text
//! pending_double_opt_in -> granted -> revoked -> pending_double_opt_in …
//!          |-> revoked
//!          '-> expired (after 7 days; purged after 30 when it was never given) -> pending_double_opt_in …
//! ```
//!
//! All changes of an address's consents lock its row in `consent_contacts` first, so they take turns: what is withdrawn
//! after or while it is confirmed stays withdrawn.

mod ask;
mod confirm;
mod contact;
mod evidence;
mod expiry;
mod links;
mod list;
mod preferences;
mod receipt;
mod record;
mod scope;
pub mod send;
mod sender;
mod withdraw;
mod wording;

use levqor_platform::NotConfigured;
use levqor_store::StoreError;

pub use ask::{Ask, CONFIRM_MAILS, ask};
pub use confirm::{Confirmation, Standing, confirm, look};
pub use evidence::Evidence;
pub use expiry::{LIFE, PURGED_AFTER, expire, purge};
pub use levqor_entities::{
    consents::{Model as Consent, Status},
    ids::{ConsentId, SendId},
    marketing_senders::Model as Sender,
};
pub use list::{Filter, find, list};
pub use preferences::{Choice, Preferences, choose, preferences};
pub use receipt::{KEY_PURPOSE, Signed, receipt};
pub use scope::{InvalidScope, Scope};
pub use sender::{put_sender, sender};
pub use withdraw::{List, look_unsubscribe, revoke, unsubscribe};

/// What is said when the installation lacks a setting that consent needs.
const FEATURE: &str = "marketing consent";

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// The installation lacks a setting.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// The public URL is not https, as a link to unsubscribe must be (RFC 8058, section 3.1).
    #[error("a marketing mail needs a public_url with https")]
    NotHttps,
    /// The tenant has not said who sends its marketing mail.
    #[error("the tenant has no sender")]
    NoSender,
    /// The tenant ordered something else under this key.
    #[error("another order has this key")]
    KeyConflict,
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}
