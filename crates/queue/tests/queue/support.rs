//! What the queue tests share.

use std::time::Duration;

use levqor_queue::{Hint, Queue};
use uuid::Uuid;

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Hints of the runs with these numbers.
pub(crate) fn hints(numbers: std::ops::Range<u32>) -> Vec<Hint> {
    numbers
        .map(|n| Hint {
            run: Uuid::from_u128(u128::from(n)),
            epoch: i32::try_from(n % 100).unwrap(),
        })
        .collect()
}

/// The numbers of such hints.
pub(crate) fn numbers(hints: &[Hint]) -> Vec<u32> {
    hints
        .iter()
        .map(|hint| u32::try_from(hint.run.as_u128()).unwrap())
        .collect()
}

/// Fetches until `count` hints have come or nothing comes for a second.
pub(crate) async fn drain(queue: &dyn Queue, max: usize, count: usize) -> Vec<Hint> {
    let mut all = Vec::new();
    while all.len() < count {
        match queue.fetch(max, Duration::from_secs(1)).await.unwrap() {
            some if !some.is_empty() => all.extend(some),
            _ => break,
        }
    }
    all
}
