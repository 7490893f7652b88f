//! Keys for each purpose, all derived from the one that the operator keeps.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The installation's secret key, of which only derived keys leave.
#[derive(Clone)]
pub struct Secrets([u8; 32]);

impl Secrets {
    /// From 32 random bytes of the configuration.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A key of its own for each purpose, such as `dsar code v1`: HMAC-SHA256 of the purpose under the installation's
    /// key, the expand step of HKDF (RFC 5869) with one block.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.mac("derive", &[purpose.as_bytes()])
    }

    /// HMAC-SHA256 of the parts under the purpose's key; each part goes in with its length.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC pads a short key with zeros to its block (RFC 2104), so this is the key itself.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in [b"levqor".as_slice(), purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Whether `mac` is that of the parts; in constant time.
    pub fn verify(&self, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> bool {
        self.mac(purpose, parts).ct_eq(mac).into()
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_and_parts_do_not_run_together() {
        let secrets = Secrets::new([7; 32]);
        assert_ne!(secrets.derive("a"), secrets.derive("b"));
        assert_ne!(secrets.mac("p", &[b"ab", b"c"]), secrets.mac("p", &[b"a", b"bc"]));
        assert_ne!(Secrets::new([8; 32]).derive("a"), secrets.derive("a"));
    }

    #[test]
    fn a_mac_is_verified_whole() {
        let secrets = Secrets::new([7; 32]);
        let mac = secrets.mac("p", &[b"x"]);
        assert!(secrets.verify("p", &[b"x"], &mac));
        assert!(!secrets.verify("p", &[b"y"], &mac));
        assert!(!secrets.verify("p", &[b"x"], &mac[..31]));
    }

    #[test]
    fn it_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secrets::new([7; 32])), "Secrets(…)");
    }
}
