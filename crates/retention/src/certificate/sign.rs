//! Ed25519 (RFC 8032) with a key that follows from the installation's.

use levqor_platform::Secrets;
use levqor_store::StoreError;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// What the key is derived for; another one when the form of certificates changes.
const PURPOSE: &str = "retention certificate v1";

/// Signs certificates, and tells whether it has signed one.
pub(super) struct Signer(Ed25519KeyPair);

impl Signer {
    /// Fails only if ring refused 32 bytes, which it documents not to.
    pub(super) fn new(secrets: &Secrets) -> Result<Self, StoreError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&secrets.derive(PURPOSE));
        pair.map(Self)
            .map_err(|error| StoreError::Setup(format!("secret_key makes no key: {error}")))
    }

    /// The public key.
    pub(super) fn key(&self) -> String {
        hex::encode(self.0.public_key())
    }

    pub(super) fn sign(&self, body: &[u8]) -> Vec<u8> {
        self.0.sign(body).as_ref().to_vec()
    }

    pub(super) fn has_signed(&self, body: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0.public_key())
            .verify(body, signature)
            .is_ok()
    }
}
