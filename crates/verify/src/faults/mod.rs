//! What the nemesis can do to an installation.

mod kind;
mod plan;

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

pub use kind::{Kind, Link, Role};
pub use plan::plan;

/// How far the store's clock may be ahead.
const AHEAD: Duration = Duration::from_secs(20);

/// One thing done to an installation and, when it lasts, undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What is done.
    pub kind: Kind,
    /// Whose line or clock it is; with [`Role::All`] the clock of Postgres moves too. What the kind itself names otherwise.
    pub whom: Role,
    /// Which of several processes of a role, modulo their number.
    pub nth: usize,
    /// From its begin until it is undone; what is restarted is away for so long. Whole milliseconds.
    #[serde(rename = "lasts_ms", with = "milliseconds")]
    pub lasts: Duration,
    /// How large it is: latency added in each direction, or how far the clock is off. Zero for other kinds.
    #[serde(rename = "by_ms", with = "milliseconds")]
    pub by: Duration,
}

impl Fault {
    /// Seconds by which the clock of the store is off while this fault lasts: timers and ticks go by that clock.
    pub fn store_clock(&self) -> i64 {
        match self.whom {
            Role::All => self.seconds(),
            Role::Api | Role::Worker | Role::Scheduler => 0,
        }
    }

    /// The same on everybody. The clock of the store then goes ahead a little only: what is told to wait meanwhile waits for
    /// as much longer.
    pub(crate) fn on_all(self) -> Self {
        let by = match self.kind {
            Kind::ClockForward => self.by.min(AHEAD),
            _ => self.by,
        };
        Self {
            whom: Role::All,
            by,
            ..self
        }
    }

    /// Seconds by which the clocks of [`Fault::whom`] are off.
    pub(crate) fn seconds(&self) -> i64 {
        let seconds = i64::try_from(self.by.as_secs()).unwrap_or(i64::MAX);
        match self.kind {
            Kind::ClockForward => seconds,
            Kind::ClockBack => -seconds,
            _ => 0,
        }
    }

    /// Whether both may be under way at the same time: they are about different parts.
    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        self.kind.parts() & other.kind.parts() == 0
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match self.kind {
            Kind::Slow(_) => write!(f, " by {} ms", self.by.as_millis())?,
            Kind::ClockForward | Kind::ClockBack => write!(f, " by {} s", self.by.as_secs())?,
            _ => {}
        }
        if self.kind.has_victims() {
            write!(f, " ({})", self.whom)?;
        }
        if !self.lasts.is_zero() {
            write!(f, " for {:.1} s", self.lasts.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Durations as whole milliseconds.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        u64::try_from(duration.as_millis())
            .unwrap_or(u64::MAX)
            .serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}
