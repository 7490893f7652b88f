//! One batch to its end: repeated while its outcome is unknown, split while its data is refused.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::warn;
use uuid::Uuid;

use crate::{
    StoreError,
    batch::{BatchError, Flush, batcher::Shared, queue::Batch},
};

/// First and longest pause before a repeat.
struct Backoff {
    first: Duration,
    longest: Duration,
}

/// The transaction lost against another one: it can win at once.
const CONFLICT: Backoff = Backoff {
    first: Duration::from_millis(2),
    longest: Duration::from_millis(100),
};
/// The database does not answer.
const OUTAGE: Backoff = Backoff {
    first: Duration::from_millis(20),
    longest: Duration::from_secs(1),
};

impl<F: Flush> Shared<F> {
    /// Commits the batch and answers each of its callers.
    pub(super) async fn commit(&self, batch: Batch<F>) {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            // A part is another batch than the whole: it needs a token of its own.
            let token = self.ids.uuid_v7();
            match self.repeat(token, &part).await {
                Ok(fates) => answer(part, fates.into_iter().map(Ok)),
                Err(error) if part.items.len() > 1 && splits::<F>(&error) => {
                    let (first, second) = part.split();
                    parts.extend([second, first]);
                }
                Err(error) => {
                    warn!(batcher = F::NAME, rows = part.items.len(), %error, "batch not committed");
                    let error = BatchError::from(&error);
                    answer(part, std::iter::repeat_with(|| Err(error.clone())));
                }
            }
        }
    }

    /// Tries until the outcome is known or patience ends.
    async fn repeat(&self, token: Uuid, batch: &Batch<F>) -> Result<Vec<F::Fate>, StoreError> {
        let mut tries = 0;
        loop {
            let error = match self.attempt(token, batch).await {
                Ok(fates) => return Ok(fates),
                Err(error) => error,
            };
            let backoff = match error {
                StoreError::Retry(_) => CONFLICT,
                StoreError::Unavailable(_) => OUTAGE,
                _ => return Err(error),
            };
            if !self
                .pause(backoff.after(tries, self.ids.random()), batch.oldest)
                .await
            {
                return Err(error);
            }
            tries += 1;
        }
    }

    async fn attempt(&self, token: Uuid, batch: &Batch<F>) -> Result<Vec<F::Fate>, StoreError> {
        let (start, rows) = (Instant::now(), batch.items.len());
        let result = self
            .flush
            .flush(token, &batch.items)
            .await
            .and_then(|fates| match fates.len() {
                answered if answered == rows => Ok(fates),
                answered => Err(StoreError::Corrupt(format!("{answered} fates of {rows} rows"))),
            });
        match &result {
            Ok(_) => self.observer.committed(F::NAME, rows, start.elapsed()),
            Err(error) => self.observer.failed(F::NAME, rows, error),
        }
        result
    }

    /// Waits before a repeat. False, at once, when the repeat would come after the time to give up.
    async fn pause(&self, pause: Duration, oldest: Instant) -> bool {
        let mut stop = self.stop.subscribe();
        let until = Instant::now() + pause;
        loop {
            let limits = [
                F::SETTINGS.give_up.map(|patience| oldest + patience),
                *stop.borrow_and_update(),
            ];
            if limits.into_iter().flatten().any(|limit| until > limit) {
                return false;
            }
            tokio::select! {
                () = sleep_until(until) => return true,
                _ = stop.changed() => {}
            }
        }
    }
}

/// Whether to look for a culprit. An unreadable row says nothing of the outcome, so a batch known only by its token
/// must not come again under others.
fn splits<F: Flush>(error: &StoreError) -> bool {
    match error {
        StoreError::Data(_) => true,
        StoreError::Corrupt(_) => !F::BY_TOKEN,
        _ => false,
    }
}

fn answer<F: Flush>(batch: Batch<F>, fates: impl Iterator<Item = Result<F::Fate, BatchError>>) {
    for (answer, fate) in batch.answers.into_iter().zip(fates) {
        // The caller may have stopped waiting.
        let _gone = answer.send(fate);
    }
}

impl Backoff {
    /// Doubles with each try; between half of that and all of it by `random`.
    fn after(&self, tries: u32, random: u64) -> Duration {
        let full = self.first.saturating_mul(1 << tries.min(16)).min(self.longest);
        let half = full / 2;
        let span = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_micros(random % span)
    }
}
