//! Random numbers from the seed; the same in every version (`ChaCha8`).

use chacha20::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// One stream of numbers.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Stream `stream` of a seed: streams do not move each other.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// From `from` to below `to`.
    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        self.0.random_range(from..to)
    }

    /// True in so many of a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.between(0, 100) < percent
    }
}
