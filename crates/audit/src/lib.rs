//! The audit trail: who did what to whose data, in chains that show when an entry was changed, left out or cut off.
//!
//! Each tenant has a chain for each stream. An entry's hash is `SHA-256(hash before | header)`, where the header is
//! canonical JSON (RFC 8785) of its number, id, time, kind, actor, the pseudonym of the person it is about and
//! `SHA-256(salt | payload)`. The payload hangs on the chain by its salted digest only, so it can be erased and the
//! chain stays whole; without the salt, nobody can guess the payload back out of the digest.
//!
//! The pseudonym is a digest of the user's id, which is random: as long as the person is here, entries are found by it;
//! once the id is erased everywhere, nothing leads back.

mod append;
mod checkpoint;
mod erase;
mod header;
mod list;
mod verify;

use levqor_store::{KeyId, TenantId, UserId};
use serde_json::Value;

pub use append::append;
pub use checkpoint::{BadCheckpoint, Checkpoint, checkpoint};
pub use erase::{erase, expire};
pub use header::pseudonym;
pub use levqor_entities::audit_events::Model as Stored;
pub use list::{Filter, list};
pub use verify::{Fault, Scope, Totals, Wrong, verify};

/// Most bytes of an entry's payload: entries are many and kept for years.
pub const PAYLOAD_LIMIT: usize = 16 * 1024;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A process of ours, by schedule or as a consequence.
    System,
    /// Whoever runs the installation, by a command.
    Operator,
    /// The holder of a tenant's key.
    Key(KeyId),
    /// A person, by a token or a link of their own.
    User(UserId),
    /// Somebody who proved nothing.
    Anonymous,
}

/// What is to be remembered.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// In whose trail.
    pub tenant: TenantId,
    /// In which chain, such as `dsar`.
    pub stream: &'a str,
    /// What happened: the stream's name, a full stop and a verb in the past, such as `dsar.requested`.
    pub kind: &'a str,
    /// Who did it.
    pub actor: Actor,
    /// Whose data it was.
    pub subject: Option<UserId>,
    /// An object with the rest; at most [`PAYLOAD_LIMIT`] bytes. It is erased with the subject.
    pub detail: &'a Value,
}
