//! API keys: which header they come in, which tenant they stand for. Looked up by hash, kept in memory for at most a
//! second, unknown ones too, so that a revoked key is refused within that time in every process.

mod caller;
mod secret;

use std::{sync::Arc, time::Duration};

use levqor_store::{ApiKey, Store, StoreError};
use poem::http::{HeaderMap, header};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

pub(crate) use caller::Caller;
pub use secret::{Secret, lookup_hash};

use crate::{
    cache::Cache,
    error::{Code, Problem},
};

/// How long what is known of a key is believed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Most keys in memory.
const CAPACITY: usize = 20_000;

/// Lookups in the database at one time, so that guessed keys cannot take all its connections.
const LOOKUPS: usize = 8;

/// The keys of all tenants.
pub(crate) struct Keys {
    cache: Cache<[u8; 32], Option<Arc<ApiKey>>>,
    lookups: Semaphore,
}

/// What a request says of its caller.
pub(crate) enum Credentials {
    /// No key at all.
    None,
    /// A key that cannot exist, or two different ones.
    Malformed,
    /// SHA-256 of what may be a key.
    Hash([u8; 32]),
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
        let secret = match (bearer, plain) {
            (None, None) => return Self::None,
            (Some(bearer), Some(plain)) if bearer != plain => return Self::Malformed,
            (Some(secret), _) | (None, Some(secret)) => secret,
        };
        secret::lookup_hash(secret).map_or(Self::Malformed, Self::Hash)
    }
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            cache: Cache::new(MAX_AGE, CAPACITY),
            lookups: Semaphore::new(LOOKUPS),
        }
    }

    /// Whether a key with this hash was seen before, however long ago.
    pub(crate) fn seen(&self, hash: &[u8; 32]) -> bool {
        self.cache.peek(hash).flatten().is_some()
    }

    /// The key with this hash; a problem when there is none or it is revoked.
    pub(crate) async fn check(
        &self,
        hash: [u8; 32],
        store: &dyn Store,
        now: impl Fn() -> Duration,
    ) -> Result<Arc<ApiKey>, Problem> {
        let key = self
            .cache
            .get(hash, now, async || {
                let _permit = self.lookups.acquire().await;
                let found = store.key_by_hash(&hash).await?;
                Ok::<_, StoreError>(
                    found
                        .filter(|key| bool::from(key.hash.ct_eq(&hash)))
                        .map(Arc::new),
                )
            })
            .await?;
        match key {
            None => Err(Problem::new(Code::Unauthenticated, "The API key is not known.")),
            Some(key) if key.revoked_at.is_some() => {
                Err(Problem::new(Code::KeyRevoked, "The API key was revoked."))
            }
            Some(key) => Ok(key),
        }
    }

    /// Forgets a key that this process has just revoked.
    pub(crate) fn forget(&self, hash: &[u8; 32]) {
        self.cache.forget(hash);
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    /// `none`, `malformed` or the hash in hexadecimal.
    fn of(pairs: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        match Credentials::of(&headers) {
            Credentials::None => "none".into(),
            Credentials::Malformed => "malformed".into(),
            Credentials::Hash(hash) => hex::encode(hash),
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
