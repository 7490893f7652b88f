//! Who signs packages.

use base64::{Engine, prelude::BASE64_STANDARD};
use levqor_platform::Secrets;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::PackageError;

/// What stands before an Ed25519 public key in a `SubjectPublicKeyInfo` (RFC 8410, section 4).
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The installation's signing key, which follows from its secret key.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// From the installation's keys.
    ///
    /// # Errors
    /// Never for 32 bytes, as derived keys have.
    pub fn new(secrets: &Secrets) -> Result<Self, PackageError> {
        let seed = secrets.derive("dsar manifest ed25519 v1");
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        pair.map(Self)
            .map_err(|error| PackageError::Write(error.to_string()))
    }

    /// The public key, 64 hexadecimal digits: what `levqor dsar verify --key` takes.
    pub fn public(&self) -> String {
        hex::encode(self.public_bytes())
    }

    /// Its 32 bytes.
    pub fn public_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        bytes
    }

    /// The same in PEM, as other programs read it.
    pub(super) fn pem(&self) -> String {
        let key = [SPKI.as_slice(), &self.public_bytes()].concat();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            BASE64_STANDARD.encode(key)
        )
    }

    /// 64 bytes (RFC 8032).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// The key in such a PEM text.
pub(super) fn read_pem(text: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(text).ok()?;
    let body = text
        .strip_prefix("-----BEGIN PUBLIC KEY-----\n")?
        .strip_suffix("\n-----END PUBLIC KEY-----\n")?;
    let der = BASE64_STANDARD.decode(body).ok()?;
    der.strip_prefix(&SPKI)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_back_from_its_pem() {
        let signer = Signer::new(&Secrets::new([7; 32])).unwrap();
        let pem = signer.pem();
        assert_eq!(read_pem(pem.as_bytes()).map(hex::encode), Some(signer.public()));
        for bad in [
            "",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            &pem[1..],
            &pem.replace("MCow", "MCox"),
        ] {
            assert_eq!(read_pem(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn another_installation_has_another_key() {
        let key = |byte| Signer::new(&Secrets::new([byte; 32])).unwrap().public();
        assert_ne!(key(1), key(2));
    }
}
