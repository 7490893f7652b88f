//! The CPU rule, as an HPA gives it.

use super::{Look, Rule, hpa::Hpa};
use crate::num;

/// So many workers that their processors are used to the target.
///
/// Kubernetes documentation, "Horizontal Pod Autoscaling": replicas times the mean use over the target, rounded up. Workers that do
/// not take work yet count as unused when the rule would go up, and when that turns the direction nothing changes. Use of
/// the processor is taken to be the share of busy slots, which favours the rule: workers that wait for other services use
/// much less, and such a fleet stays at its minimum while work piles up.
#[derive(Debug, Clone)]
pub struct CpuRule {
    target: f64,
    bounds: (u32, u32),
    hpa: Hpa,
}

impl CpuRule {
    /// A rule for a target use between 0 and 1, within the fleet's `(min, max)`.
    pub fn new(target: f64, bounds: (u32, u32)) -> Self {
        Self {
            target,
            bounds,
            hpa: Hpa::default(),
        }
    }

    fn wanted(&self, used: f64, ready: u32, current: u32) -> u32 {
        let ratio = used / self.target;
        if Hpa::is_near(ratio) || ready == 0 {
            return current;
        }
        if ratio < 1.0 || ready == current {
            return num::count((ratio * f64::from(ready)).ceil());
        }
        let with_unready = ratio * f64::from(ready) / f64::from(current.max(1));
        if Hpa::is_near(with_unready) || with_unready < 1.0 {
            return current;
        }
        num::count((with_unready * f64::from(current)).ceil())
    }
}

impl Rule for CpuRule {
    fn workers(&mut self, look: &Look) -> u32 {
        let current = look.seen.fleet.workers();
        let wanted = self.wanted(look.busy_share, look.seen.fleet.ready, current);
        self.hpa.settle(look.now_ms, current, wanted, self.bounds)
    }
}
