//! The file of a trace.

use serde::{Deserialize, Serialize};

use crate::Settings;

/// Hours of a fleet's life: who calls, how often, for how long, at which prices. JSON; unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Label.
    pub name: String,
    /// What it shows, and why its numbers are plausible.
    pub about: Vec<String>,
    /// Seed of everything random.
    pub seed: u64,
    /// Length in seconds. What is not done by then is done afterwards and counts.
    pub duration_s: f64,
    /// Workers: slots, start and bounds.
    pub fleet: FleetModel,
    /// Price of a worker at the start, in micro-minor-units an hour.
    pub worker_micros_per_hour: i64,
    /// Work by class, the one that is served first at the head.
    pub classes: Vec<ClassModel>,
    /// What arrives.
    pub sources: Vec<Source>,
    /// Prices that change on the way, in order of time.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Times in which what a class calls is down.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// The cheapest schedule known, found by a long search: `[second, workers from then on]`. Without one, a short search is
    /// made when rules are compared.
    #[serde(default)]
    pub schedule: Vec<(u64, u32)>,
}

/// Workers of a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetModel {
    /// Slots of a worker.
    pub slots: u32,
    /// Seconds from asking for a worker until it takes work; they are paid.
    pub startup_s: f64,
    /// Fewest workers.
    pub min: u32,
    /// Most workers.
    pub max: u32,
    /// Workers at the start, ready.
    pub initial: u32,
}

/// A class of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassModel {
    /// Label.
    pub name: String,
    /// Slot seconds of an activation.
    pub service: Service,
    /// Cost of a waiting activation, in micro-minor-units a second.
    pub delay_micros_per_s: i64,
    /// Margin lost when one waits longer than `patience_s`, in micro-minor-units.
    pub margin_micros: i64,
    /// Seconds after which the margin is lost.
    pub patience_s: f64,
}

/// Slot seconds of an activation: log-normal, as durations of calls to other services are, with many short and few long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Mean in seconds.
    pub mean_s: f64,
    /// Squared coefficient of variation; 0 is constant.
    pub scv: f64,
}

/// Something that starts runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// Callers who do not know of each other: Poisson arrivals with a rate that is drawn through points.
    Stream {
        /// Class of its runs.
        class: String,
        /// `[second, arrivals a second]`, straight lines between, constant before and after.
        rate: Vec<(f64, f64)>,
    },
    /// Imports: at random times (Poisson), a number of runs at once (Poisson around the mean).
    Imports {
        /// Class of their runs.
        class: String,
        /// Mean seconds between two.
        every_s: f64,
        /// Mean runs of one.
        runs: f64,
    },
    /// A schedule, whose ticks are known ahead.
    Schedule {
        /// Class of its runs.
        class: String,
        /// Second of the first tick.
        first_s: f64,
        /// Seconds between two.
        every_s: f64,
        /// Runs of a tick.
        runs: u32,
    },
}

/// Prices from some second on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When.
    pub at_s: f64,
    /// Price of a worker from then on, in micro-minor-units an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_micros_per_hour: Option<i64>,
    /// Class whose prices change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its cost of waiting from then on, in micro-minor-units a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_micros_per_s: Option<i64>,
    /// Its margin from then on, in micro-minor-units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_micros: Option<i64>,
}

/// A time in which what a class calls is down: each attempt holds a slot for a while, fails and is repeated by a timer
/// after `retry_s`, doubled each time up to `retry_max_s`, until one succeeds after the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Class that is concerned.
    pub class: String,
    /// First second.
    pub from_s: f64,
    /// Second of the end.
    pub to_s: f64,
    /// Slot seconds of an attempt that fails.
    pub attempt_s: f64,
    /// Seconds until the first repeat.
    pub retry_s: f64,
    /// Most seconds until a repeat.
    pub retry_max_s: f64,
}

/// What is wrong with a trace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// Not JSON, or not of this shape; says line and column.
    #[error(transparent)]
    Shape(#[from] serde_json::Error),
    /// A value that no fleet can have; says where.
    #[error("line {line}: {at} {why}")]
    Value {
        /// Line in the file.
        line: usize,
        /// JSON pointer of the value.
        at: String,
        /// What it must be.
        why: &'static str,
    },
}

impl Trace {
    /// Reads and checks a file's text.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let trace: Self = serde_json::from_str(text)?;
        super::check::check(&trace).map_err(|fault| TraceError::Value {
            line: super::locate::line(text, &fault.at),
            at: fault.at,
            why: fault.why,
        })?;
        Ok(trace)
    }

    /// The autoscaler's settings of this fleet: its bounds and start; all else as it is by default.
    pub fn settings(&self) -> Settings {
        Settings {
            min: self.fleet.min,
            max: self.fleet.max,
            startup_s: self.fleet.startup_s,
            ..Settings::default()
        }
    }

    /// Index of a class by name.
    pub(crate) fn class(&self, name: &str) -> Option<usize> {
        self.classes.iter().position(|class| class.name == name)
    }
}
