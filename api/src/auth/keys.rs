//! API keys: which tenant they stand for.

use std::{sync::Arc, time::Duration};

use levqor_store::{ApiKey, Store};
use subtle::ConstantTimeEq;

use super::known::Known;
use crate::error::{Code, Problem};

/// The keys of all tenants.
pub(crate) struct Keys(Known<Arc<ApiKey>>);

impl Keys {
    pub(crate) fn new() -> Self {
        Self(Known::new())
    }

    /// Whether a key with this hash was seen before, however long ago.
    pub(crate) fn seen(&self, hash: &[u8; 32]) -> bool {
        self.0.seen(hash)
    }

    /// The key with this hash; a problem when there is none or it is revoked.
    pub(crate) async fn check(
        &self,
        hash: [u8; 32],
        store: &dyn Store,
        now: impl Fn() -> Duration,
    ) -> Result<Arc<ApiKey>, Problem> {
        let load = async || {
            let found = store.key_by_hash(&hash).await?;
            Ok(found
                .filter(|key| bool::from(key.hash.ct_eq(&hash)))
                .map(Arc::new))
        };
        match self.0.get(hash, now, load).await? {
            None => Err(Problem::new(Code::Unauthenticated, "The API key is not known.")),
            Some(key) if key.revoked_at.is_some() => {
                Err(Problem::new(Code::KeyRevoked, "The API key was revoked."))
            }
            Some(key) => Ok(key),
        }
    }

    /// Forgets a key that this process has just revoked.
    pub(crate) fn forget(&self, hash: &[u8; 32]) {
        self.0.forget(hash);
    }
}
