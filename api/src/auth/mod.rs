//! Who calls: which header a secret comes in, and whom it stands for: a tenant, by a key, or a person, by a token.

mod authority;
mod caller;
mod keys;
mod known;
mod scheme;
mod secret;
mod signed_in;
mod tokens;

use levqor_accounts::TOKEN_PREFIX;
use levqor_platform::Token;
use poem::http::{HeaderMap, header};

pub(crate) use authority::Authority;
pub(crate) use caller::Caller;
pub(crate) use keys::Keys;
pub use secret::{Secret, lookup_hash};
pub(crate) use signed_in::SignedIn;
pub(crate) use tokens::Tokens;

/// What a request says of its caller.
pub(crate) enum Credentials {
    /// Nothing at all.
    None,
    /// What cannot exist, or two different ones.
    Malformed,
    /// SHA-256 of what may be a key.
    Key([u8; 32]),
    /// SHA-256 of what may be a person's token.
    User([u8; 32]),
}

impl Credentials {
    /// From `Authorization: Bearer` or `X-Api-Key`.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let bearer = headers.get(header::AUTHORIZATION).map(|value| {
            let text = value.to_str().unwrap_or_default();
            let (scheme, token) = text.split_once(' ').unwrap_or_default();
            if scheme.eq_ignore_ascii_case("bearer") {
                token.trim()
            } else {
                ""
            }
        });
        let plain = headers
            .get("x-api-key")
            .map(|value| value.to_str().unwrap_or_default().trim());
        match (bearer, plain) {
            (None, None) => Self::None,
            (Some(bearer), Some(plain)) if bearer != plain => Self::Malformed,
            (Some(secret), _) | (None, Some(secret)) => Self::read(secret),
        }
    }

    fn read(secret: &str) -> Self {
        let token = || Token::lookup(TOKEN_PREFIX, secret).map(Self::User);
        let found = lookup_hash(secret).map(Self::Key).or_else(token);
        found.unwrap_or(Self::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    /// `none`, `malformed` or the hash in hexadecimal, that of a person's token behind `user `.
    fn of(pairs: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match Credentials::of(&headers) {
            Credentials::None => "none".into(),
            Credentials::Malformed => "malformed".into(),
            Credentials::Key(hash) => hex::encode(hash),
            Credentials::User(hash) => format!("user {}", hex::encode(hash)),
        }
    }

    #[test]
    fn a_key_comes_in_either_header() {
        let secret = Secret::from_bytes([7; 32]);
        let bearer = format!("bearer  {}", secret.text);
        assert_eq!(of(&[("authorization", &bearer)]), hex::encode(secret.hash));
        assert_eq!(of(&[("x-api-key", &secret.text)]), hex::encode(secret.hash));
        assert_eq!(
            of(&[("authorization", &bearer), ("x-api-key", &secret.text)]),
            hex::encode(secret.hash)
        );
    }

    #[test]
    fn a_persons_token_is_told_from_a_key() {
        let token = Token::new(TOKEN_PREFIX, [7; 32]);
        let bearer = format!("Bearer {}", token.text);
        assert_eq!(
            of(&[("authorization", &bearer)]),
            format!("user {}", hex::encode(token.hash))
        );
    }

    #[test]
    fn no_key_two_keys_and_no_keys_at_all_are_told_apart() {
        let (one, two) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let bearer = format!("Bearer {}", one.text);
        assert_eq!(of(&[]), "none");
        assert_eq!(of(&[("authorization", "Basic dXNlcjpwYXNz")]), "malformed");
        assert_eq!(of(&[("authorization", "Bearer")]), "malformed");
        assert_eq!(of(&[("x-api-key", "lvk_1")]), "malformed");
        assert_eq!(
            of(&[("authorization", &bearer), ("x-api-key", &two.text)]),
            "malformed"
        );
    }
}
