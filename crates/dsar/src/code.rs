//! The six-digit code that goes with the token of a link.
//!
//! A million codes fall in minutes to whoever has their hash, at any cost of hashing. What protects them is a key kept
//! apart from the database (the pepper), three tries, and ten minutes (NIST SP 800-63B-4); the rounds of PBKDF2 are
//! today's count for passwords (OWASP) all the same.

use std::num::NonZeroU32;

use levqor_entities::ids::DsarId;
use levqor_platform::Secrets;
use ring::pbkdf2;

/// Rounds of PBKDF2-HMAC-SHA256: some 0.2 s of a processor, so callers bound how many run at once.
pub const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);

/// Bytes of a salt.
pub const SALT: usize = 16;

/// A code: six decimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// From 32 random bytes. Each code is as likely as any other: words that would favour the low ones are passed over,
    /// and all eight are, once in 10²⁹ times, taken as they come.
    pub fn new(random: [u8; 32]) -> Self {
        const CODES: u32 = 1_000_000;
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        let words = random
            .chunks_exact(4)
            .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        let word = words
            .clone()
            .find(|word| *word < FAIR)
            .or_else(|| words.clone().next());
        Self(format!("{:06}", word.unwrap_or_default() % CODES))
    }

    /// As somebody types it, spaces aside; None when it is not six digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(digits))
    }

    /// To show to its owner, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored. Slow: not for an async thread.
    pub fn hash(&self, secrets: &Secrets, request: DsarId, salt: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            ROUNDS,
            salt,
            &self.peppered(secrets, request),
            &mut out,
        );
        out
    }

    /// Whether it is the one with this hash, in constant time. Slow, as [`Code::hash`].
    pub fn fits(&self, secrets: &Secrets, request: DsarId, salt: &[u8], hash: &[u8]) -> bool {
        let secret = self.peppered(secrets, request);
        pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, &secret, hash).is_ok()
    }

    fn peppered(&self, secrets: &Secrets, request: DsarId) -> [u8; 32] {
        secrets.mac("dsar code v1", &[request.0.as_bytes(), self.0.as_bytes()])
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const REQUEST: DsarId = DsarId(Uuid::from_u128(1));

    #[test]
    fn a_code_is_six_digits_with_leading_zeros() {
        assert_eq!(Code::new([0; 32]).reveal(), "000000");
        let mut random = [0; 32];
        random[..4].copy_from_slice(&1_234_567_u32.to_be_bytes());
        assert_eq!(Code::new(random).reveal(), "234567");
    }

    #[test]
    fn words_that_would_favour_low_codes_are_passed_over() {
        let mut random = [0xff; 32];
        random[4..8].copy_from_slice(&7_u32.to_be_bytes());
        assert_eq!(Code::new(random).reveal(), "000007");
    }

    #[test]
    fn a_code_is_read_as_people_type_it_and_nothing_else_is() {
        assert_eq!(Code::parse(" 123 456").as_ref().map(Code::reveal), Some("123456"));
        for bad in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345", "12345\n6"] {
            assert_eq!(Code::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn domain_1_9_a_hash_depends_on_code_request_salt_and_pepper() {
        let (code, secrets) = (Code::new([0; 32]), Secrets::new([7; 32]));
        let hash = code.hash(&secrets, REQUEST, &[1; SALT]);
        assert!(code.fits(&secrets, REQUEST, &[1; SALT], &hash));
        assert!(!Code::new([1; 32]).fits(&secrets, REQUEST, &[1; SALT], &hash));
        assert!(!code.fits(&secrets, DsarId(Uuid::from_u128(2)), &[1; SALT], &hash));
        assert!(!code.fits(&secrets, REQUEST, &[2; SALT], &hash));
        assert!(!code.fits(&Secrets::new([8; 32]), REQUEST, &[1; SALT], &hash));
    }

    #[test]
    fn a_code_does_not_show_itself_in_logs() {
        assert_eq!(format!("{:?}", Code::new([0; 32])), "Code(…)");
    }
}
