//! The one source of chance: a stream of numbers that follows from the seed, the same in every version (`ChaCha8`).

use chacha20::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::Micros;

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Yes, this many times in a thousand.
    pub(crate) fn permille(&mut self, chance: u32) -> bool {
        chance > 0 && self.0.random_range(0..1_000) < chance
    }

    /// From `low` to below `high`.
    pub(crate) fn between(&mut self, low: Micros, high: Micros) -> Micros {
        self.0.random_range(low..high.max(low + 1))
    }

    /// Below `end`, which is at least 1.
    pub(crate) fn index(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    /// One of these, if there is any.
    pub(crate) fn one_of<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.index(from.len())])
    }
}
