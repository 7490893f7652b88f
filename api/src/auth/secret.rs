//! Secrets of API keys: `lvk_` and 32 random bytes in hexadecimal.

use levqor_platform::Token;

const PREFIX: &str = "lvk_";

/// Characters of the secret that are stored for people to recognise it: the prefix and 8 digits.
const SHOWN: usize = 12;

/// A new secret: its text is shown once and not stored.
pub struct Secret {
    /// What the caller sends.
    pub text: String,
    /// What is stored and looked up.
    pub hash: [u8; 32],
    /// What is shown in lists.
    pub prefix: String,
}

impl Secret {
    /// From 32 bytes of a cryptographic random source.
    pub fn from_bytes(random: [u8; 32]) -> Self {
        let Token { text, hash } = Token::new(PREFIX, random);
        let prefix = text[..SHOWN].into();
        Self { text, hash, prefix }
    }
}

/// The hash to look up, when `text` has the form of a secret at all.
pub fn lookup_hash(text: &str) -> Option<[u8; 32]> {
    Token::lookup(PREFIX, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_by_its_hash() {
        let secret = Secret::from_bytes([0xab; 32]);
        assert_eq!(secret.text.len(), 68);
        assert_eq!(secret.prefix, "lvk_abababab");
        assert_eq!(lookup_hash(&secret.text), Some(secret.hash));
    }

    #[test]
    fn what_is_no_secret_is_not_looked_up() {
        let good = "0".repeat(64);
        for text in [
            "",
            "lvk_",
            "lvk_00",
            &format!("lvk_{}", "G".repeat(64)),
            &format!("sk_{good}"),
            &format!("lvk_{good}0"),
        ] {
            assert_eq!(lookup_hash(text), None, "{text}");
        }
    }
}
