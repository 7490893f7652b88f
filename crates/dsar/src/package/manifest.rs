//! The list of a package's files, which is what is signed.

use levqor_entities::ids::DsarId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Names this form of package.
pub(super) const FORMAT: &str = "levqor-dsar-package/1";

/// `manifest.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// [`FORMAT`].
    pub(super) format: String,
    /// The request it answers.
    pub(super) request: DsarId,
    /// In order of their paths.
    pub(super) files: Vec<Listed>,
}

/// A file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// In the package.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256, 64 hexadecimal digits.
    pub(super) sha256: String,
}

impl Listed {
    pub(super) fn new(path: &str, content: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            size: content.len() as u64,
            sha256: hex::encode(Sha256::digest(content)),
        }
    }
}
