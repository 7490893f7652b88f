//! The best schedule that is found when the whole future is known.
//!
//! Not proven to be the optimum: a search. [`FluidSearch`] improves a schedule in the fluid model with the arrivals as they
//! will be; its problem is convex but for whole numbers, so that it ends near its optimum. The best of those and of the
//! schedules of the other rules is then improved on the trace itself, block by block, by [`PlayedSearch`]. What is
//! reported is the cost of a schedule that was played, so it can be had.
//!
//! It is bound by `min`, `max` and the start of a worker, but neither by stabilisation nor by hysteresis.

use super::{Outcome, Schedule, fluid::Fluid, fluid_search::FluidSearch, search::PlayedSearch, simulate};
use crate::trace::{Arrival, Trace};

/// Shares of the waiting that chance makes which the fluid is given: who knows the arrivals meets less of it.
const SHARES: [f64; 3] = [0.0, 0.1, 0.4];

/// How long to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// A second or so.
    Quick,
    /// Until nothing gets better, minutes at most.
    Thorough,
}

/// The cheapest schedule found. `known` are outcomes of other rules, of which at least one is needed.
pub fn optimum(trace: &Trace, arrivals: &[Arrival], known: &[&Outcome], effort: Effort) -> Option<Outcome> {
    let play = |schedule: Vec<u32>| simulate(trace, arrivals, &mut Schedule(schedule));
    let cheapest = known.iter().min_by_key(|outcome| outcome.cost.total())?;
    let fluid = Fluid::new(trace, &cheapest.attempts);
    let searched = SHARES.map(|share| play(FluidSearch::new(trace, &fluid, share).run()));
    let all = searched.iter().chain(known.iter().copied());
    let best = all.min_by_key(|outcome| outcome.cost.total())?;
    let refined = play(PlayedSearch::new(trace, arrivals, &best.schedule).run(effort));
    Some(if refined.cost.total() < best.cost.total() {
        refined
    } else {
        best.clone()
    })
}
