//! Where time, ids and randomness enter: the only place that asks the operating system for them.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};

use levqor_api::ProcessClock;
use levqor_store::{Clock, IdSource, Timestamp};
use rand::RngExt;
use uuid::Uuid;

/// The machine's clock, for the embedded store.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time enters")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// When this process first asked.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl ProcessClock for SystemClock {
    fn elapsed(&self) -> Duration {
        START.elapsed()
    }
}

/// Ids and randomness from the operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is where ids enter")]
    fn uuid_v7(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where randomness enters")]
    fn random(&self) -> u64 {
        rand::rng().random()
    }
}

/// 32 bytes nobody can guess, from a cryptographic generator that the operating system seeds.
#[expect(clippy::disallowed_methods, reason = "this is where randomness enters")]
pub(crate) fn secret_bytes() -> [u8; 32] {
    rand::rng().random()
}
