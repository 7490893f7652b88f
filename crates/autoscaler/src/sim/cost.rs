//! What a fleet on a trace has cost.

use serde::{Deserialize, Serialize};

/// What a fleet on a trace has cost, in micro-minor-units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Workers, from being asked for until they are gone.
    pub workers: i64,
    /// Waiting, each second of each activation at the price of its class then.
    pub delay: i64,
    /// Margins of activations that had waited longer than their patience when they got a slot.
    pub lost: i64,
}

impl Cost {
    /// Sum of the three.
    pub const fn total(&self) -> i64 {
        self.workers + self.delay + self.lost
    }
}

/// Adds up cost over time, without rounding on the way.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meter {
    /// Micro-minor-units an hour times milliseconds.
    workers: i128,
    /// Micro-minor-units a second times milliseconds.
    delay: i128,
    lost: i64,
}

impl Meter {
    pub(super) fn pay(&mut self, workers: u32, micros_per_hour: i64, millis: u64) {
        self.workers += i128::from(workers) * i128::from(micros_per_hour) * i128::from(millis);
    }

    pub(super) fn wait(&mut self, waiting: usize, micros_per_s: i64, millis: u64) {
        let waiting = i128::from(crate::num::length(waiting));
        self.delay += waiting * i128::from(micros_per_s) * i128::from(millis);
    }

    pub(super) const fn lose(&mut self, margin: i64) {
        self.lost = self.lost.saturating_add(margin);
    }

    pub(super) const fn add(&mut self, other: &Self) {
        self.workers += other.workers;
        self.delay += other.delay;
        self.lost = self.lost.saturating_add(other.lost);
    }

    /// All of it in one unit, 1/3,600,000 of a micro-minor-unit: nothing is rounded.
    pub(super) fn exact(&self) -> i128 {
        self.workers + 3_600 * self.delay + 3_600_000 * i128::from(self.lost)
    }

    pub(super) fn read(&self) -> Cost {
        let whole = |amount: i128| i64::try_from(amount).unwrap_or(i64::MAX);
        Cost {
            workers: whole(self.workers / 3_600_000),
            delay: whole(self.delay / 1_000),
            lost: self.lost,
        }
    }
}
