//! What a rule is asked, and the two simplest.

use super::TICK_MS;
use crate::Observation;

/// What a rule sees.
#[derive(Debug, Clone)]
pub struct Look {
    /// Milliseconds from the start of the trace.
    pub now_ms: u64,
    /// What Levqor's scheduler would see.
    pub seen: Observation,
    /// Busy slots of the workers that take work over their slots, mean over the interval.
    pub busy_share: f64,
}

/// Says how many workers there should be.
pub trait Rule {
    /// Workers that there should be; the fleet's bounds are put on it afterwards.
    fn workers(&mut self, look: &Look) -> u32;
}

/// Always the same number.
#[derive(Debug, Clone, Copy)]
pub struct Constant(pub u32);

impl Rule for Constant {
    fn workers(&mut self, _look: &Look) -> u32 {
        self.0
    }
}

/// A number for each tick, the last one for ever.
#[derive(Debug, Clone)]
pub struct Schedule(pub Vec<u32>);

impl Rule for Schedule {
    fn workers(&mut self, look: &Look) -> u32 {
        let tick = usize::try_from(look.now_ms / TICK_MS).unwrap_or(usize::MAX);
        self.0.get(tick).or(self.0.last()).copied().unwrap_or(0)
    }
}
