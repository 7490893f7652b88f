//! What happened, as seen from outside: what was asked and answered, which calls arrived, what the nemesis did, and what
//! the API says of it in the end. Checkers read nothing else.
//!
//! Two clocks, never mixed: `u64` are microseconds of the caller's [`crate::stopwatch::Stopwatch`], `i64` are microseconds
//! since 1970 on the store's clock, as answers show them.

mod asked;
mod effect;
mod fault;
mod run;

pub use asked::{Answered, Cancel, Event, Fate, Kind, Priority, Start};
pub use effect::{Call, Notice};
pub use fault::{FaultPlayed, Outcome};
pub use run::{Reading, Run, Schedule, Sighting, State, Step};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Facts about the installation that bounds depend on.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// Worker processes at most.
    pub workers: usize,
    /// Runs each of them holds at most (setting `slots`).
    pub slots: usize,
}

/// Everything checkers see.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct History {
    /// Runs asked for.
    pub starts: Vec<Start>,
    /// Events sent.
    pub events: Vec<Event>,
    /// Cancellations asked for.
    pub cancels: Vec<Cancel>,
    /// Calls of runs that the effect server saw, in the order they began.
    pub calls: Vec<Call>,
    /// Callbacks it saw.
    pub notices: Vec<Notice>,
    /// What the nemesis did.
    pub faults: Vec<FaultPlayed>,
    /// Runs seen in an ended state before the end.
    pub sightings: Vec<Sighting>,
    /// Journals read before the end, and some once more at the end.
    pub readings: Vec<Reading>,
    /// Schedules stored.
    pub schedules: Vec<Schedule>,
    /// All runs of our workflows as listed at the end: a run listed twice is here twice.
    pub runs: Vec<Run>,
    /// Journals read at the end, by run.
    pub journals: BTreeMap<String, Vec<Step>>,
    /// Facts about the installation.
    pub capacity: Capacity,
    /// What else disturbs the installation than the faults noted here is not known: it is not ours.
    pub foreign: bool,
}

impl History {
    /// Runs by id; of a run listed twice the first.
    pub fn by_id(&self) -> BTreeMap<&str, &Run> {
        let runs = self.runs.iter().rev();
        runs.map(|run| (run.id.as_str(), run)).collect()
    }

    /// Runs that were accepted, with the request that started them: the first that was answered with the run.
    pub fn accepted(&self) -> BTreeMap<&str, &Start> {
        let starts = self.starts.iter().rev();
        starts
            .flat_map(|start| start.runs().map(move |run| (run, start)))
            .collect()
    }

    /// Whether no fault was in play at any time between these.
    pub fn undisturbed(&self, from: u64, to: u64) -> bool {
        let played = |fault: &&FaultPlayed| fault.outcome == Outcome::Played;
        let mut faults = self.faults.iter().filter(played);
        !self.foreign && !faults.any(|fault| fault.begin <= to && fault.end >= from)
    }

    /// Whether a fault that moves clocks was in play at some time between these.
    pub fn clock_moved(&self, from: u64, to: u64) -> bool {
        let moved = |fault: &FaultPlayed| fault.outcome == Outcome::Played && fault.moves_clock;
        self.faults
            .iter()
            .any(|fault| moved(fault) && fault.begin <= to && fault.end >= from)
    }
}
