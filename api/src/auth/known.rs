//! What is known of secrets, by their hashes: kept in memory for at most a second, unknown ones too, so that a revoked one
//! is refused within that time in every process.

use std::time::Duration;

use levqor_platform::Cache;
use levqor_store::StoreError;
use tokio::sync::Semaphore;

/// How long what is known is believed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Most secrets in memory.
const CAPACITY: usize = 20_000;

/// Lookups in the database at one time, so that guessed secrets cannot take all its connections.
const LOOKUPS: usize = 8;

/// One kind of secrets.
pub(super) struct Known<V> {
    cache: Cache<[u8; 32], Option<V>>,
    lookups: Semaphore,
}

impl<V: Clone> Known<V> {
    pub(super) fn new() -> Self {
        Self {
            cache: Cache::new(MAX_AGE, CAPACITY),
            lookups: Semaphore::new(LOOKUPS),
        }
    }

    /// Whether one with this hash was seen before, however long ago.
    pub(super) fn seen(&self, hash: &[u8; 32]) -> bool {
        self.cache.peek(hash).flatten().is_some()
    }

    /// What the one with this hash stands for.
    pub(super) async fn get(
        &self,
        hash: [u8; 32],
        now: impl Fn() -> Duration,
        load: impl AsyncFnOnce() -> Result<Option<V>, StoreError>,
    ) -> Result<Option<V>, StoreError> {
        let load = async || {
            let _permit = self.lookups.acquire().await;
            load().await
        };
        self.cache.get(hash, now, load).await
    }

    /// Forgets one that this process has just revoked.
    pub(super) fn forget(&self, hash: &[u8; 32]) {
        self.cache.forget(hash);
    }
}
