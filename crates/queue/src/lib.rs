//! Hints to workers: "this run may be ready at this epoch". Losing, doubling or delaying one is harmless.

mod error;

pub use error::QueueError;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A hint. Worthless once read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hint {
    /// The run.
    pub run: Uuid,
    /// The epoch a claim must find.
    pub epoch: i32,
}

/// Most hints in one message.
pub const HINTS_PER_MESSAGE: usize = 64;

/// Number of priorities: 0 high, 1 normal, 2 low.
pub const PRIORITIES: usize = 3;

/// Where hints go. Object-safe: roles hold an `Arc<dyn Queue>`.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Pushes hints of one priority (0..=2) and wakes workers. Answers how many hints now wait in the queue.
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError>;

    /// Takes at most `max` hints, the highest priority first, waiting up to `wait` for the first.
    /// May answer more than `max` by less than one message.
    async fn fetch(&self, max: usize, wait: std::time::Duration) -> Result<Vec<Hint>, QueueError>;

    /// How many hints wait.
    async fn depth(&self) -> Result<u64, QueueError>;

    /// Asks the queue for an answer; used by readiness.
    async fn ping(&self) -> Result<(), QueueError>;
}
