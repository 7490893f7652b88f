//! Bounds and patience of a batcher.

use std::time::Duration;

/// How large batches and queues may grow, and how long an unreachable database is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most rows in a batch.
    pub max_rows: usize,
    /// Most bytes in a batch; a larger item travels alone.
    pub max_bytes: usize,
    /// Most commits in flight.
    pub in_flight: usize,
    /// Most items waiting for a commit; more are [`Overloaded`](crate::batch::BatchError::Overloaded) (I7).
    pub max_waiting: usize,
    /// Most bytes waiting for a commit.
    pub max_waiting_bytes: usize,
    /// How long after its submission an item's commit is repeated while its outcome is unknown; at least
    /// one try is made. None: until shutdown.
    pub give_up: Option<Duration>,
}

impl Settings {
    /// For workers: their runs depend on it, so they repeat until shutdown.
    pub const WORKER: Self = Self {
        max_rows: 1_000,
        max_bytes: 4 << 20,
        in_flight: 2,
        max_waiting: 10_000,
        max_waiting_bytes: 64 << 20,
        give_up: None,
    };

    /// For the API: somebody waits for the answer, and gets a 503 after five seconds.
    pub const API: Self = Self {
        give_up: Some(Duration::from_secs(5)),
        ..Self::WORKER
    };
}
