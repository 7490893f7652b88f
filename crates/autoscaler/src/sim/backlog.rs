//! The backlog rule, as KEDA gives it.

use super::{Look, Rule, hpa::Hpa};
use crate::ClassObservation;

/// What counts as backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// What waits: a list's length, as KEDA's Redis scaler reads it.
    Waiting,
    /// What waits and what runs: messages ready and unacknowledged, as KEDA's `RabbitMQ` and SQS scalers count by default, or
    /// `state = 'running' OR state = 'queued'`, the example of its `PostgreSQL` scaler.
    WaitingAndRunning,
}

/// So many workers that each has at most `target` of the backlog.
///
/// KEDA documentation, "Scaling Deployments": a trigger's value goes to an HPA as an external metric of type `AverageValue`, so
/// that the wanted number is the backlog over the target, rounded up; of several triggers the highest number counts;
/// tolerance, policies and stabilisation are the HPA's. KEDA's own polling interval and cooldown concern only the step
/// between 0 and 1, which is below every `min` here.
#[derive(Debug, Clone)]
pub struct BacklogRule {
    counted: Counted,
    triggers: Triggers,
    bounds: (u32, u32),
    hpa: Hpa,
}

/// The triggers of a backlog rule, with targets of at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triggers {
    /// One over all classes.
    All(u32),
    /// One for the class that is served first, one for all others together.
    FirstAndOthers(u32, u32),
}

impl BacklogRule {
    /// A rule within the fleet's `(min, max)`.
    pub fn new(counted: Counted, triggers: Triggers, bounds: (u32, u32)) -> Self {
        Self {
            counted,
            triggers,
            bounds,
            hpa: Hpa::default(),
        }
    }

    fn backlog(&self, classes: &[ClassObservation]) -> u32 {
        let running = u32::from(self.counted == Counted::WaitingAndRunning);
        classes
            .iter()
            .map(|class| class.waiting + running * class.running)
            .sum()
    }
}

impl Rule for BacklogRule {
    fn workers(&mut self, look: &Look) -> u32 {
        let classes = &look.seen.classes;
        let current = look.seen.fleet.workers();
        let wanted = match self.triggers {
            Triggers::All(target) => wanted(self.backlog(classes), target, current),
            Triggers::FirstAndOthers(first, others) => {
                let (head, tail) = classes.split_at(1.min(classes.len()));
                wanted(self.backlog(head), first, current).max(wanted(self.backlog(tail), others, current))
            }
        };
        self.hpa.settle(look.now_ms, current, wanted, self.bounds)
    }
}

/// Workers that one trigger asks for.
fn wanted(backlog: u32, target: u32, current: u32) -> u32 {
    let ratio = f64::from(backlog) / (f64::from(target.max(1)) * f64::from(current.max(1)));
    if Hpa::is_near(ratio) {
        return current;
    }
    backlog.div_ceil(target.max(1))
}
