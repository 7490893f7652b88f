//! What is seen of the fleet at one moment.

use serde::{Deserialize, Serialize};

/// The figures of one look, every 15 seconds or so. All can be read from the journal, the live rows, the timers and the
/// schedules.
///
/// The unit of work is an **activation**: what a slot is held for, from a claim until the run parks or ends. A run that
/// waits for a timer holds no slot; when the timer fires it is another activation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Seconds since the look before; what was counted was counted over this time.
    pub interval_s: f64,
    /// Workers now.
    pub fleet: Fleet,
    /// Price of a worker now, in micro-minor-units an hour (8 cents are 8,000,000).
    pub worker_micros_per_hour: i64,
    /// Work by class, the one that is served first at the head. Classes are priorities: a slot that falls free takes from
    /// the first class that has something waiting. The list has the same classes in the same order at every look.
    pub classes: Vec<ClassObservation>,
}

/// Workers now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// Slots of one worker: activations it performs at once; at least 1.
    pub slots: u32,
    /// Workers that take work.
    pub ready: u32,
    /// Workers asked for that do not take work yet: seconds until each is expected to.
    pub starting_s: Vec<f64>,
    /// Workers that finish what they have and take no more. They are paid but no longer counted.
    pub draining: u32,
}

impl Fleet {
    /// Workers that count: those that take work and those that will.
    pub fn workers(&self) -> u32 {
        self.ready
            .saturating_add(crate::num::length(self.starting_s.len()))
    }
}

/// One class of work: a priority, with the mean prices of what is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassObservation {
    /// Label, for people.
    pub name: String,
    /// Activations that became ready in the interval **unforeseen**: by intake, events and signals. Those of timers and
    /// schedules are not counted here, they were in `due` before.
    pub arrivals: u32,
    /// Activations that ended in the interval in success or for good. An attempt that failed and will be repeated is left
    /// out: a dependency that refuses in milliseconds does not make the work shorter.
    pub ended: u32,
    /// Sum of their slot seconds.
    pub service_sum_s: f64,
    /// Sum of the squares of their slot seconds.
    pub service_square_sum_s2: f64,
    /// Ready now and not claimed.
    pub waiting: u32,
    /// Claimed now.
    pub running: u32,
    /// What is known to become ready: timers, repeats and ticks of schedules, in any order.
    pub due: Vec<Due>,
    /// What one waiting activation costs, in micro-minor-units a second.
    pub delay_micros_per_s: i64,
    /// What is lost once when an activation waits longer than `patience_s`, in micro-minor-units.
    pub margin_micros: i64,
    /// Seconds after which the margin is lost.
    pub patience_s: f64,
}

/// Activations that will become ready at a known time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Seconds from now.
    pub in_s: f64,
    /// How many.
    pub runs: u32,
}
