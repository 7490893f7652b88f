//! Random numbers of traces, each source with a stream of its own: changing one does not move the others.

use chacha20::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// One stream of numbers.
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// Stream `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Above 0 and at most 1, so that its logarithm is finite.
    pub(super) fn unit(&mut self) -> f64 {
        1.0 - self.0.random::<f64>()
    }

    /// Exponential with this mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }

    /// Log-normal with this mean and squared coefficient of variation (normal by Box and Muller, 1958).
    pub(super) fn log_normal(&mut self, mean: f64, scv: f64) -> f64 {
        let variance = scv.ln_1p();
        let radius = (-2.0 * self.unit().ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.unit()).cos();
        (mean.ln() - variance / 2.0 + variance.sqrt() * normal).exp()
    }
}
