//! How much of the time a sweep may work.

use std::time::Duration;

/// A pause after each batch, in parts of the time that the batch took.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many times as long as the batch.
    pub times: u32,
    /// Never longer than this.
    pub longest: Duration,
}

impl Default for Pace {
    /// At most a fifth of the time is work, however slow the database is.
    fn default() -> Self {
        Self {
            times: 4,
            longest: Duration::from_secs(10),
        }
    }
}

impl Pace {
    /// No pauses: for a tenant's end of business hours, and for tests.
    pub const FAST: Self = Self {
        times: 0,
        longest: Duration::ZERO,
    };

    pub(super) async fn rest(&self, took: Duration) {
        let pause = took.saturating_mul(self.times).min(self.longest);
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}
