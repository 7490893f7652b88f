//! Planted bugs: each takes one rule of the protocol away, and must be found by the checkers named here.

use std::fmt;

use crate::Checker;

/// A rule left out on purpose. The model of the protocol plants the same, under the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// P3: an append reads the fence instead of locking it (`INSERT … WHERE EXISTS (SELECT … WHERE epoch = …)`).
    UnlockedFence,
    /// P3: writes compare the epoch, but not that the run is `running`.
    EpochWithoutState,
    /// P6: a park does not compare the inbox.
    ParkWithoutCompare,
    /// A claim takes a pending run that is not ready.
    ClaimWithoutReady,
    /// A call begins although the entries before it are not committed.
    EffectBeforeCommit,
    /// A worker goes on without the answer to its append, and its batcher lets the next one travel beside it.
    TwoAppendsInFlight,
    /// The idempotency key of a call is made of its path with the numbers of attempts.
    KeyWithAttemptNumber,
    /// The rescuer compares the time of the last beat with the store's clock.
    RescueByWallClock,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::UnlockedFence,
        Self::EpochWithoutState,
        Self::ParkWithoutCompare,
        Self::ClaimWithoutReady,
        Self::EffectBeforeCommit,
        Self::TwoAppendsInFlight,
        Self::KeyWithAttemptNumber,
        Self::RescueByWallClock,
    ];

    /// The checkers that must each find it.
    pub fn found_by(self) -> &'static [Checker] {
        match self {
            Self::UnlockedFence => &[Checker::StaleWrite, Checker::Journal],
            Self::EpochWithoutState => &[Checker::StaleWrite],
            Self::ParkWithoutCompare => &[Checker::InboxDropped],
            Self::ClaimWithoutReady => &[Checker::TimerEarly],
            Self::EffectBeforeCommit => &[Checker::EffectBeforeCommit],
            Self::TwoAppendsInFlight => &[Checker::OneWriteInFlight, Checker::Replay],
            Self::KeyWithAttemptNumber => &[Checker::KeyPerStep],
            Self::RescueByWallClock => &[Checker::LeaseCutShort],
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bug| bug.to_string() == name)
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
