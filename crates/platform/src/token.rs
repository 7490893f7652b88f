//! Tokens that open something to whoever holds them: 32 random bytes behind a prefix. Only their SHA-256 is stored; they
//! have so much entropy that a slow hash would add nothing but load.

use sha2::{Digest, Sha256};

/// A new token: its text is shown once and not stored.
#[derive(Clone)]
pub struct Token {
    /// What its holder sends: prefix and 64 hexadecimal digits.
    pub text: String,
    /// What is stored and looked up.
    pub hash: [u8; 32],
}

impl Token {
    /// From 32 bytes of a cryptographic random source. The prefix says what it opens, such as `lvu_`.
    pub fn new(prefix: &str, random: [u8; 32]) -> Self {
        let text = format!("{prefix}{}", hex::encode(random));
        Self {
            hash: Sha256::digest(&text).into(),
            text,
        }
    }

    /// The hash to look up, when `text` has the form of a token with this prefix at all.
    pub fn lookup(prefix: &str, text: &str) -> Option<[u8; 32]> {
        let digits = text.strip_prefix(prefix)?;
        let good = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| Sha256::digest(text).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_and_under_its_prefix_only() {
        let token = Token::new("lvu_", [0xab; 32]);
        assert_eq!(Token::lookup("lvu_", &token.text), Some(token.hash));
        assert_eq!(Token::lookup("lve_", &token.text), None);
        assert_eq!(Token::lookup("lvu_", &token.text[..60]), None);
    }
}
