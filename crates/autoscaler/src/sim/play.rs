//! A trace under a rule.

use super::{Cost, Rule, cost::Meter, world::World};
use crate::{
    num,
    trace::{Arrival, Trace},
};

/// What came of a rule on a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What it cost.
    pub cost: Cost,
    /// How it went, tick by tick.
    pub samples: Vec<Sample>,
    /// Workers that were to be there, tick by tick; as a [`super::Schedule`] they give the same outcome.
    pub schedule: Vec<u32>,
    /// Attempts as they became ready, repeats among them, in the order in which they got a slot.
    pub attempts: Vec<Arrival>,
    /// Attempts that waited longer than their patience.
    pub late: u32,
    /// Workers that were asked for.
    pub started: u32,
}

/// One tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// What became ready since the tick before.
    pub arrived: u32,
    /// Waiting then.
    pub waiting: u32,
    /// Workers that were paid then, before the rule was asked.
    pub workers: u32,
}

/// Plays a trace under a rule. `arrivals` are those of [`crate::trace::arrivals`].
///
/// When a rule lets the work pile up, the play ends after four times the trace's length and what still waits is charged
/// until then.
pub fn simulate(trace: &Trace, arrivals: &[Arrival], rule: &mut dyn Rule) -> Outcome {
    let mut world = World::new(trace, arrivals);
    let mut meter = Meter::default();
    let mut outcome = Outcome {
        cost: Cost::default(),
        samples: Vec::new(),
        schedule: Vec::new(),
        attempts: Vec::new(),
        late: 0,
        started: 0,
    };
    while !is_over(trace, &world) {
        let (arrived, waiting) = world.arrived_and_waiting();
        let workers = world.paid();
        outcome.samples.push(Sample {
            arrived,
            waiting,
            workers,
        });
        let wanted = rule
            .workers(&world.look())
            .clamp(trace.fleet.min, trace.fleet.max);
        outcome.schedule.push(wanted);
        let (passed, started) = world.step(wanted);
        meter.add(&passed.meter);
        outcome.attempts.extend(passed.attempts);
        outcome.late += passed.late;
        outcome.started += started;
    }
    outcome.cost = meter.read();
    outcome
}

/// Whether the trace has ended and everything is done, or never will be.
pub(super) fn is_over(trace: &Trace, world: &World) -> bool {
    let last_ms = num::millis(trace.duration_s);
    world.now_ms() >= last_ms && (world.is_done() || world.now_ms() >= 4 * last_ms)
}
