//! All that a decision follows from.

use serde::{Deserialize, Serialize};

use super::Settings;
use crate::{Due, Fleet};

/// All that a decision follows from; see [`crate::Observation`] for the fields that are seen rather than estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Bounds and habits.
    pub settings: Settings,
    /// Workers now.
    pub fleet: Fleet,
    /// Price of a worker now, in micro-minor-units an hour.
    pub worker_micros_per_hour: i64,
    /// Work by class, the one that is served first at the head.
    pub classes: Vec<ClassInputs>,
    /// What was recommended lately, for the stabilisation of the way down.
    pub recent: Vec<Recommendation>,
}

/// One class of work, as it is believed to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassInputs {
    /// Label, for people.
    pub name: String,
    /// Unforeseen arrivals a second.
    pub arrivals_per_s: f64,
    /// Variance over mean of the numbers that arrive in an interval; 1 for Poisson arrivals.
    pub arrivals_dispersion: f64,
    /// Mean slot seconds of an activation.
    pub service_mean_s: f64,
    /// Squared coefficient of variation of the slot seconds.
    pub service_scv: f64,
    /// Ready and not claimed.
    pub waiting: u32,
    /// Claimed.
    pub running: u32,
    /// What is known to become ready.
    pub due: Vec<Due>,
    /// What one waiting activation costs, in micro-minor-units a second.
    pub delay_micros_per_s: i64,
    /// What is lost once when an activation waits longer than `patience_s`, in micro-minor-units.
    pub margin_micros: i64,
    /// Seconds after which the margin is lost.
    pub patience_s: f64,
}

/// What was recommended at an earlier look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// Seconds before now.
    pub age_s: f64,
    /// Workers.
    pub workers: u32,
}
