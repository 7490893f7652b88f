//! What was decided, and why.

use serde::{Deserialize, Serialize};

use super::{Inputs, decide};

/// How many workers there should be, why, and everything that it follows from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Workers that there should be.
    pub desired: u32,
    /// Workers that are worth their price now, before stabilisation; to be fed back as [`Inputs::recent`].
    pub recommended: u32,
    /// What settled it.
    pub reason: Reason,
    /// Candidates around the numbers above, fewest workers first.
    pub table: Vec<Candidate>,
    /// What it follows from: [`decide()`](super::decide()) gives the same decision again.
    pub inputs: Inputs,
}

impl Decision {
    /// Whether it follows from its inputs, in every field: what was written down is what was decided.
    pub fn follows(&self) -> bool {
        decide(&self.inputs) == *self
    }

    /// In words, for people.
    pub fn words(&self) -> String {
        let there = self.inputs.fleet.workers();
        let why = self.reason.words();
        let row = self.table.iter().find(|row| row.workers == self.desired);
        let last = row.map(|row| {
            let (saved, cost) = (row.saved_micros, row.cost_micros);
            format!(" The last of them saves {saved} and costs {cost} millionths of a minor unit.")
        });
        let (desired, last) = (self.desired, last.unwrap_or_default());
        format!("{desired} workers are wanted and {there} are there or starting: {why}.{last}")
    }
}

/// What settled a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Another worker saves more than it costs.
    WorthMore,
    /// Another worker saves more than it costs because of timers or ticks that are due before it would have started.
    LookAhead,
    /// A worker costs more than it saves, and has done for as long as stabilisation asks.
    NotWorthIt,
    /// Neither more nor fewer workers are better.
    Balanced,
    /// Fewer would be better, but by less than the hysteresis asks.
    Hysteresis,
    /// Fewer would be better, but have not been for long enough.
    Stabilisation,
    /// Fewer would be better, but `min` holds.
    Minimum,
    /// More would be better, but `max` holds.
    Maximum,
    /// More would be better, but the budget holds.
    Budget,
    /// `stabilize` mode: the workers there are stay.
    Stabilize,
}

impl Reason {
    /// For people: half a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::WorthMore => "another worker saves more than it costs",
            Self::LookAhead => "timers or ticks are due before a worker asked for then would have started",
            Self::NotWorthIt => "a worker costs more than it saves, and has done for long enough",
            Self::Balanced => "neither more nor fewer are better",
            Self::Hysteresis => "fewer would be better, but by too little",
            Self::Stabilisation => "fewer would be better, but have not been for long enough",
            Self::Minimum => "fewer would be better, but there are to be so many at least",
            Self::Maximum => "more would be better, but there are to be so many at most",
            Self::Budget => "more would be better, but the budget does not pay for them",
            Self::Stabilize => "the number is held as it is, within its bounds",
        }
    }

    /// The code as it is serialised.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WorthMore => "worth_more",
            Self::LookAhead => "look_ahead",
            Self::NotWorthIt => "not_worth_it",
            Self::Balanced => "balanced",
            Self::Hysteresis => "hysteresis",
            Self::Stabilisation => "stabilisation",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Budget => "budget",
            Self::Stabilize => "stabilize",
        }
    }
}

/// What a number of workers is expected to cost over the horizon (a start-up and a stabilisation window), in
/// micro-minor-units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// How many.
    pub workers: u32,
    /// Their price, with those that are started on the way.
    pub worker_micros: i64,
    /// Waiting of runs.
    pub delay_micros: i64,
    /// Margins of runs that wait too long.
    pub lost_margin_micros: i64,
    /// Work left at the end of the horizon, at the price of the worker seconds it will take and the waiting meanwhile.
    pub left_over_micros: i64,
    /// Sum of the four.
    pub total_micros: i64,
    /// What the last worker saves of delay, margin and work left over, against one worker fewer.
    pub saved_micros: i64,
    /// What the last worker costs, against one worker fewer.
    pub cost_micros: i64,
}
