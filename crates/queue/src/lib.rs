//! Hints to workers: "this run may be ready at this epoch". Losing, doubling or delaying one is harmless.

mod apalis;
mod error;
mod memory;
mod redis;
mod slots;

pub use apalis::{HintBackend, Hints};
pub use error::QueueError;
pub use memory::MemoryQueue;
pub use redis::{RedisFacts, RedisQueue};
pub use slots::{Slot, Slots};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A hint. Worthless once read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hint {
    /// The run.
    pub run: Uuid,
    /// The epoch a claim must find, or [`COMING`].
    pub epoch: i32,
}

/// In the place of a hint's epoch: the run is being committed, and its epoch will be 0. A claim that does not find the run yet
/// is made again, the last time [`AWAITED`] after the hint came.
pub const COMING: i32 = -1;

/// How long a run that is coming is looked for. Longer than [`HEEDED`].
pub const AWAITED: std::time::Duration = std::time::Duration::from_millis(3);

/// A run that was committed within this time of its early hint needs no other.
pub const HEEDED: std::time::Duration = std::time::Duration::from_micros(1_500);

/// Most hints in one message.
pub const HINTS_PER_MESSAGE: usize = 64;

/// Number of priorities: 0 high, 1 normal, 2 low.
pub const PRIORITIES: usize = 3;

/// Most hints that may wait in one priority (I7). The surplus of a push is dropped: hints are disposable, and
/// the relay sends again what was not claimed.
pub const MAX_WAITING: usize = 16_384;

/// How long a new run's hint is left to whoever accepted the run. After that the relay orders it, and nobody else.
pub const FRESH: std::time::Duration = std::time::Duration::from_millis(150);

/// Where hints go. Object-safe: roles hold an `Arc<dyn Queue>`.
#[async_trait]
pub trait Queue: Send + Sync + 'static {
    /// Pushes hints of one priority (0..=2; others count as the nearest) and wakes workers. What goes past
    /// [`MAX_WAITING`] is dropped. Answers how many hints now wait in the queue, over all priorities.
    async fn push(&self, priority: i16, hints: &[Hint]) -> Result<u64, QueueError>;

    /// Takes at most `max` hints, the highest priority first, waiting up to `wait` for the first.
    /// May answer more than `max` by less than one message.
    async fn fetch(&self, max: usize, wait: std::time::Duration) -> Result<Vec<Hint>, QueueError>;

    /// How many hints wait, over all priorities.
    async fn depth(&self) -> Result<u64, QueueError>;

    /// Asks the queue for an answer; used by readiness.
    async fn ping(&self) -> Result<(), QueueError>;

    /// Whether a hint needs so long to a worker that one for a run that is coming is worth its while.
    fn is_far(&self) -> bool {
        false
    }
}

/// The place of a priority, 0..[`PRIORITIES`]; one that there is not counts as the nearest.
pub fn place(priority: i16) -> usize {
    usize::try_from(priority).unwrap_or(0).min(PRIORITIES - 1)
}
