//! Ids of traces and spans.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
};

/// Id of a trace; zero is none (W3C Trace Context, 3.2.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// None for zero.
    pub fn new(id: u128) -> Option<Self> {
        NonZeroU128::new(id).map(Self)
    }

    /// Big endian, as OTLP carries it.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for TraceId {
    /// 32 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Id of a span; zero is none (W3C Trace Context, 3.2.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(NonZeroU64);

/// What of a run a span is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, from its acceptance to its end.
    Run,
    /// A claim.
    Claim,
    /// From a claim to the park or end that follows.
    Segment,
}

/// The increment of `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl SpanId {
    /// None for zero.
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id).map(Self)
    }

    /// From a random number.
    pub fn from_random(random: u64) -> Self {
        Self(NonZeroU64::new(random).unwrap_or(NonZeroU64::MIN))
    }

    /// That of a part of a run. It follows from the run and its epoch, so that every process knows the parent of what it
    /// does, whoever records that one and when. `run` is the run's UUID.
    pub fn of(run: u128, epoch: i32, part: Part) -> Self {
        let [high, low] =
            [run >> 64, run & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or_default());
        let part = match part {
            Part::Run => 1,
            Part::Claim => 2,
            Part::Segment => 3,
        };
        let step = u64::from(epoch.unsigned_abs()) * 4 + part;
        Self::from_random(mix(high ^ mix(low.wrapping_add(step.wrapping_mul(GOLDEN)))))
    }

    /// Big endian, as OTLP carries it.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for SpanId {
    /// 16 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The output function of `SplitMix64`.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_part_of_every_epoch_of_a_run_has_an_id_of_its_own_and_always_the_same() {
        let ids = || {
            let of = |run| {
                (0..50).flat_map(move |epoch| {
                    [Part::Run, Part::Claim, Part::Segment].map(|part| SpanId::of(run, epoch, part))
                })
            };
            [1, 2, 1 << 64].into_iter().flat_map(of)
        };
        assert_eq!(ids().collect::<HashSet<_>>().len(), 450);
        assert!(ids().eq(ids()));
    }
}
