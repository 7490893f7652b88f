//! A package: everything a person is given, in one ZIP.
//!
//! ```text
//! README.txt        what this is and how to check it
//! metadata.json     the information of GDPR article 15(1)(a)-(h) and 15(2)
//! data.json         all data
//! csv/<name>.csv    the same, one table each (RFC 4180)
//! index.html        the same, to read
//! manifest.json     size and SHA-256 of each file above
//! manifest.sig      Ed25519 over manifest.json, 64 bytes
//! public-key.pem    by this key
//! ```
//!
//! The bytes follow from the snapshot and the key alone: entries are sorted, stored without compression, and carry the
//! time of the request.

mod build;
mod csv;
mod documents;
mod manifest;
mod metadata;
mod page;
mod signer;
mod snapshot;
pub mod verify;

pub use build::{Package, PackageError, build};
pub use signer::Signer;
pub use snapshot::{Dataset, Snapshot};

/// Its parts that are not listed in the manifest.
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
const PUBLIC_KEY: &str = "public-key.pem";

/// Most bytes of a package, written or checked: 512 MiB.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// RFC 3339, microseconds.
fn time(at: levqor_entities::ids::Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|at| format!("{at:.6}"))
        .unwrap_or_default()
}
