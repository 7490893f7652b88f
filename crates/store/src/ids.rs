//! Where ids and randomness come from: an argument, so that tests and simulations choose them.

use uuid::Uuid;

/// A source of ids and random numbers. The binary makes one from the system's; tests count.
pub trait IdSource: Send + Sync + 'static {
    /// A new id whose order is that of time (RFC 9562, version 7).
    fn uuid_v7(&self) -> Uuid;

    /// Uniform over all 64 bits. For jitter and sampling, not for secrets.
    fn random(&self) -> u64;
}
