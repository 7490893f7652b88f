//! Rules left out on purpose, one at a time. A checker that passes one of them is worth nothing.

use crate::promise::Promise;

/// A protocol with exactly one rule weakened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bug {
    /// A fenced write trusts what its snapshot saw; the row's lock is not waited for and nothing is compared again.
    UnlockedFence,
    /// The fence compares the epoch and not `state = running`.
    EpochWithoutState,
    /// A park does not compare the last inbox row folded with the live row's counter.
    ParkWithoutCompare,
    /// A claim takes pending rows that are not `ready`.
    ClaimWithoutReady,
    /// A call starts while the append it depends on is still under way.
    EffectBeforeCommit,
    /// Entries are appended one by one, the second before the first is answered.
    TwoAppendsInFlight,
    /// The activity's key holds the number of the attempt.
    KeyWithAttemptNumber,
    /// The rescuer takes wall time since the last beat for silence.
    RescueByWallClock,
    /// A batch of intake does not begin with its token.
    IntakeWithoutToken,
    /// A batch of deliveries does not begin with its token.
    DeliverWithoutToken,
    /// A row found at (run, seq) is taken for one's own, whatever it holds.
    AppendWithoutBytes,
    /// An append does not compare `seq`.
    AppendWithoutSeq,
    /// A claim does not raise the epoch.
    ClaimWithoutEpoch,
    /// A claim reads the inbox in the snapshot of its update and takes the counter it returned for what it read.
    ClaimInOneSnapshot,
    /// An end does not compare the last inbox row folded.
    EndWithoutCompare,
    /// Running rows of a dead worker are freed at its death and never after.
    RescueOnlyAtDeath,
    /// A repeated delivery to a run that has ended since takes the times of both for the order in which they came.
    RepeatedDeliveryByTime,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::UnlockedFence,
        Self::EpochWithoutState,
        Self::ParkWithoutCompare,
        Self::ClaimWithoutReady,
        Self::EffectBeforeCommit,
        Self::TwoAppendsInFlight,
        Self::KeyWithAttemptNumber,
        Self::RescueByWallClock,
        Self::IntakeWithoutToken,
        Self::DeliverWithoutToken,
        Self::AppendWithoutBytes,
        Self::AppendWithoutSeq,
        Self::ClaimWithoutEpoch,
        Self::ClaimInOneSnapshot,
        Self::EndWithoutCompare,
        Self::RescueOnlyAtDeath,
        Self::RepeatedDeliveryByTime,
    ];

    /// The rule of `docs/PROTOCOL.md` that it weakens, or the paragraph where the rule has no number.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::UnlockedFence
            | Self::EpochWithoutState
            | Self::AppendWithoutBytes
            | Self::AppendWithoutSeq => "P3",
            Self::ParkWithoutCompare | Self::ClaimInOneSnapshot => "P6",
            Self::ClaimWithoutReady | Self::ClaimWithoutEpoch => "Claim.",
            Self::EffectBeforeCommit | Self::TwoAppendsInFlight | Self::KeyWithAttemptNumber => "Append.",
            Self::RescueByWallClock => "Leases",
            Self::IntakeWithoutToken | Self::DeliverWithoutToken => "P2",
            Self::EndWithoutCompare | Self::RepeatedDeliveryByTime => "P8",
            Self::RescueOnlyAtDeath => "P10",
        }
    }

    /// The promises that the checker must find broken.
    pub const fn breaks(self) -> &'static [Promise] {
        match self {
            Self::UnlockedFence => &[Promise::NoStaleCommit, Promise::OneEnd, Promise::NewestOutcome],
            Self::EpochWithoutState => &[Promise::NoStaleCommit],
            Self::ParkWithoutCompare
            | Self::ClaimInOneSnapshot
            | Self::EndWithoutCompare
            | Self::RepeatedDeliveryByTime => &[Promise::NothingDropped],
            Self::ClaimWithoutReady => &[Promise::NotBeforeItsTime],
            Self::EffectBeforeCommit | Self::AppendWithoutBytes => &[Promise::CommitBeforeEffect],
            Self::TwoAppendsInFlight => &[Promise::FencedMeansLost],
            Self::KeyWithAttemptNumber => &[Promise::OneKey],
            Self::RescueByWallClock => &[Promise::OverlapAfterSilence],
            Self::IntakeWithoutToken => &[Promise::OneStart],
            Self::DeliverWithoutToken => &[Promise::DeliveredOnce],
            Self::AppendWithoutSeq => &[Promise::Journal],
            Self::RescueOnlyAtDeath => &[Promise::Ends],
            Self::ClaimWithoutEpoch => &[Promise::OverlapByEpoch],
        }
    }
}
