//! What was decided, and why.

use serde::{Deserialize, Serialize};

use super::Inputs;

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
