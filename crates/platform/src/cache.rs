//! A bounded cache whose entries are never older than a given age. Absence is cached like presence. While a key is
//! loaded, all who want it wait for that one load.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use parking_lot::Mutex;

/// What is known of a key: the value, and when loading it began.
type Known<V> = Option<(Duration, V)>;

struct Slot<V> {
    known: Mutex<Known<V>>,
    loading: tokio::sync::Mutex<()>,
}

/// A cache of what is asked of the database often. Give it a short age: what other processes write is seen after it.
pub struct Cache<K, V> {
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
    max_age: Duration,
    capacity: usize,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// Empty. At most `capacity` keys are held.
    pub fn new(max_age: Duration, capacity: usize) -> Self {
        Self {
            slots: Mutex::default(),
            max_age,
            capacity,
        }
    }

    /// The value of a key, loaded when what is known is too old. `now` is the time of this process; it is asked again
    /// after waiting for a load.
    ///
    /// # Errors
    /// Those of `load`; nothing is remembered then.
    pub async fn get<E>(
        &self,
        key: K,
        now: impl Fn() -> Duration,
        load: impl AsyncFnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let slot = self.slot(key, now());
        if let Some(value) = self.fresh(&slot, now()) {
            return Ok(value);
        }
        let _loading = slot.loading.lock().await;
        let begun = now();
        if let Some(value) = self.fresh(&slot, begun) {
            return Ok(value);
        }
        let value = load().await?;
        *slot.known.lock() = Some((begun, value.clone()));
        Ok(value)
    }

    /// What was known last, however old.
    pub fn peek(&self, key: &K) -> Option<V> {
        let slot = self.slots.lock().get(key).cloned()?;
        let known = slot.known.lock();
        known.as_ref().map(|(_, value)| value.clone())
    }

    /// Forgets a key, after a write by this process.
    pub fn forget(&self, key: &K) {
        self.slots.lock().remove(key);
    }

    fn fresh(&self, slot: &Slot<V>, now: Duration) -> Option<V> {
        let known = slot.known.lock();
        known
            .as_ref()
            .filter(|(at, _)| now.saturating_sub(*at) < self.max_age)
            .map(|(_, value)| value.clone())
    }

    fn slot(&self, key: K, now: Duration) -> Arc<Slot<V>> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(&key) {
            return Arc::clone(slot);
        }
        if slots.len() >= self.capacity {
            slots.retain(|_, slot| self.fresh(slot, now).is_some());
        }
        if slots.len() >= self.capacity {
            slots.clear();
        }
        let slot = Arc::new(Slot {
            known: Mutex::new(None),
            loading: tokio::sync::Mutex::default(),
        });
        slots.insert(key, Arc::clone(&slot));
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use super::*;

    const AGE: Duration = Duration::from_secs(1);

    async fn get(cache: &Cache<u32, u32>, key: u32, now: Duration, value: u32) -> (u32, bool) {
        let loaded = Cell::new(false);
        let Ok(got) = cache
            .get(
                key,
                || now,
                async || {
                    loaded.set(true);
                    Ok::<_, Infallible>(value)
                },
            )
            .await;
        (got, loaded.get())
    }

    #[tokio::test]
    async fn a_value_is_served_until_it_is_too_old() {
        let cache = Cache::new(AGE, 10);
        assert_eq!(get(&cache, 1, Duration::ZERO, 7).await, (7, true));
        assert_eq!(get(&cache, 1, Duration::from_millis(999), 8).await, (7, false));
        assert_eq!(get(&cache, 1, AGE, 8).await, (8, true));
        assert_eq!(cache.peek(&1), Some(8));
    }

    #[tokio::test]
    async fn a_failed_load_is_not_kept() {
        let cache: Cache<u32, u32> = Cache::new(AGE, 10);
        let failed: Result<u32, &str> = cache.get(1, || AGE, async || Err("away")).await;
        assert_eq!(failed, Err("away"));
        assert_eq!(get(&cache, 1, AGE, 3).await, (3, true));
    }

    #[tokio::test]
    async fn forgetting_loads_anew() {
        let cache = Cache::new(AGE, 10);
        get(&cache, 1, Duration::ZERO, 7).await;
        cache.forget(&1);
        assert_eq!(get(&cache, 1, Duration::ZERO, 8).await, (8, true));
    }

    #[tokio::test]
    async fn it_never_holds_more_than_its_capacity() {
        let cache = Cache::new(AGE, 10);
        for key in 0..100 {
            get(&cache, key, Duration::ZERO, key).await;
            assert!(cache.slots.lock().len() <= 10);
        }
    }

    #[tokio::test]
    async fn all_who_wait_share_one_load() {
        let cache = Cache::new(AGE, 10);
        let loads = Cell::new(0);
        let load = || async {
            let result: Result<u32, Infallible> = cache
                .get(
                    1,
                    || Duration::ZERO,
                    async || {
                        loads.set(loads.get() + 1);
                        tokio::task::yield_now().await;
                        Ok(5)
                    },
                )
                .await;
            result
        };
        let (a, b, c) = futures::join!(load(), load(), load());
        assert_eq!((a, b, c, loads.get()), (Ok(5), Ok(5), Ok(5), 1));
    }
}
