//! Objects and keys, encrypted: AES-256-GCM with a random nonce in front (NIST SP 800-38D). A package is encrypted under a
//! key of its own, and that key under the installation's; deleting the one row that holds it makes every copy of the
//! package unreadable, backups of the object storage among them.

use levqor_entities::ids::DsarId;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// A key.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// What was to be opened is not what was sealed, or not by this key, or not for this purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was altered, or sealed under another key")]
pub struct Broken;

impl Key {
    /// From 32 random or derived bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Nonce, ciphertext and tag. `name` and the request are bound to it: it opens as nothing else. A key seals a handful
    /// of things, so random nonces cannot meet.
    pub fn seal(
        &self,
        random: [u8; 32],
        request: DsarId,
        name: &str,
        plain: &[u8],
    ) -> Result<Vec<u8>, Broken> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random[..NONCE_LEN]);
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(plain);
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                aad(request, name),
                &mut sealed,
            )
            .map_err(|_| Broken)?;
        sealed.splice(0..0, nonce);
        Ok(sealed)
    }

    /// What was sealed.
    pub fn open(&self, request: DsarId, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Broken> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Broken)?;
        let mut plain = rest.to_vec();
        let length = self
            .cipher()?
            .open_in_place(nonce, aad(request, name), &mut plain)
            .map_err(|_| Broken)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// This key, sealed under another.
    pub fn wrap(&self, under: &Self, random: [u8; 32], request: DsarId) -> Result<Vec<u8>, Broken> {
        under.seal(random, request, "key", &self.0)
    }

    /// The key that was wrapped.
    pub fn unwrap(under: &Self, request: DsarId, wrapped: &[u8]) -> Result<Self, Broken> {
        let bytes = under.open(request, "key", wrapped)?;
        bytes.try_into().map(Self).map_err(|_| Broken)
    }

    fn cipher(&self) -> Result<LessSafeKey, Broken> {
        UnboundKey::new(&AES_256_GCM, &self.0)
            .map(LessSafeKey::new)
            .map_err(|_| Broken)
    }
}

fn aad(request: DsarId, name: &str) -> Aad<Vec<u8>> {
    Aad::from([request.0.as_bytes(), name.as_bytes()].concat())
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const REQUEST: DsarId = DsarId(Uuid::from_u128(1));

    #[test]
    fn what_is_sealed_opens_as_what_it_is_only() {
        let key = Key::new([1; 32]);
        let sealed = key.seal([2; 32], REQUEST, "package", b"hello").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"hello"));
        assert_eq!(key.open(REQUEST, "package", &sealed).unwrap(), b"hello");
        assert_eq!(key.open(REQUEST, "snapshot", &sealed), Err(Broken));
        assert_eq!(
            key.open(DsarId(Uuid::from_u128(2)), "package", &sealed),
            Err(Broken)
        );
        assert_eq!(Key::new([9; 32]).open(REQUEST, "package", &sealed), Err(Broken));
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let key = Key::new([1; 32]);
        let sealed = key.seal([2; 32], REQUEST, "package", b"hello").unwrap();
        for at in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[at / 8] ^= 1 << (at % 8);
            assert_eq!(key.open(REQUEST, "package", &altered), Err(Broken), "bit {at}");
        }
        assert_eq!(key.open(REQUEST, "package", &sealed[..5]), Err(Broken));
    }

    #[test]
    fn a_key_is_wrapped_under_another() {
        let (key, under) = (Key::new([1; 32]), Key::new([2; 32]));
        let wrapped = key.wrap(&under, [3; 32], REQUEST).unwrap();
        assert_eq!(Key::unwrap(&under, REQUEST, &wrapped).unwrap().0, key.0);
        assert!(Key::unwrap(&Key::new([4; 32]), REQUEST, &wrapped).is_err());
    }
}
