//! What a sweep did, signed: a chain of certificates for each tenant, and one for the installation with the totals.

mod issue;
mod list;
mod sign;
mod totals;
mod verify;

use serde::{Deserialize, Serialize};

pub use issue::{Certified, certify};
pub use list::certificates;
pub use verify::{Fault, Report, verify};

/// The first member of every body.
const FORMAT: &str = "levqor retention certificate 1";

/// A certificate's body: JSON with these members in this order. Its bytes are what is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// `levqor retention certificate 1`.
    pub format: String,
    /// Whose rows went; the installation's own tenant has the totals.
    pub tenant: String,
    /// Position in the tenant's chain, from 1.
    pub number: i64,
    /// SHA-256 of the body before, in hexadecimal; none in the first.
    pub previous: Option<String>,
    /// The sweep.
    pub sweep: String,
    /// Ages were counted up to this time (RFC 3339).
    pub as_of: String,
    /// When it was made (RFC 3339).
    pub issued_at: String,
    /// Public key, Ed25519, in hexadecimal.
    pub key: String,
    /// What went by each rule.
    pub datasets: Vec<Line>,
    /// The tenants' certificates of the same sweep; the installation's has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenants: Option<Tenants>,
}

/// What went by one rule after one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The rule.
    pub dataset: String,
    /// Version of the rule.
    pub version: i64,
    /// `delete`, `anonymise` or `drop`.
    pub action: String,
    /// The period that applied, in days: the tenant's, else the rule's.
    pub days: i64,
    /// Rows with a later clock stayed (RFC 3339).
    pub cutoff: String,
    /// How many rows went.
    pub rows: i64,
    /// How many objects went with them.
    pub objects: i64,
    /// Sum modulo 2^256 of the HMAC-SHA256 of each row's tenant and id, in hexadecimal; none when rows went with their
    /// partition, unread, or none went.
    pub digest: Option<String>,
    /// False when something was left: the time was up, or a storage did not answer.
    pub complete: bool,
}

/// Other certificates, by their hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenants {
    /// How many.
    pub count: u64,
    /// SHA-256 of their hashes, sorted, one behind the other, in hexadecimal.
    pub digest: String,
}
