//! Operations as they are drawn: small numbers that the model turns into calls which are right most of the time.

/// Which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Intake,
    Claim,
    Append,
    Park,
    End,
    Deliver,
    Release,
    Bury,
    Fire,
    Repeat,
}

/// One operation by one of several workers on one of several runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) call: Call,
    /// Which run, modulo how many there are.
    pub(super) run: usize,
    /// Which worker.
    pub(super) worker: usize,
    /// Added to the right epoch: mostly 0.
    pub(super) epoch: i32,
    /// Added to the right seq: mostly 0.
    pub(super) seq: i32,
    /// Added to the right inbox number: mostly 0, never positive.
    pub(super) inbox: i32,
    /// Chooses between bodies, keys, with or without a timer.
    pub(super) variant: u8,
}

pub(super) const WORKERS: usize = 3;

impl Step {
    pub(super) fn from_word(word: u32) -> Self {
        let bits = |from: u32, count: u32| (word >> from) & ((1 << count) - 1);
        let call = match bits(0, 5) {
            0..=4 => Call::Intake,
            5..=11 => Call::Claim,
            12..=16 => Call::Append,
            17..=20 => Call::Park,
            21..=22 => Call::End,
            23..=25 => Call::Deliver,
            26 => Call::Release,
            27 => Call::Bury,
            28 => Call::Fire,
            _ => Call::Repeat,
        };
        let epoch = match bits(11, 4) {
            0 => -1,
            1 => 1,
            _ => 0,
        };
        let seq = match bits(15, 4) {
            0 => -1,
            1 => 1,
            _ => 0,
        };
        Self {
            call,
            run: bits(5, 4) as usize,
            worker: bits(9, 2) as usize % WORKERS,
            epoch,
            seq,
            inbox: if bits(19, 3) == 0 { -1 } else { 0 },
            variant: u8::try_from(bits(22, 2)).unwrap_or(0),
        }
    }
}
