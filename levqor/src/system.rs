//! Where time, ids and randomness enter: the only place that asks the operating system for them.

use std::time::SystemTime;

use levqor_store::{Clock, IdSource, Timestamp};
use rand::{RngExt, TryRngCore, rngs::OsRng};
use uuid::Uuid;

/// The machine's clock, for the embedded store.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the time enters")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
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

/// 32 bytes nobody can guess; an error when the operating system has none to give.
pub(crate) fn secret_bytes() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}
