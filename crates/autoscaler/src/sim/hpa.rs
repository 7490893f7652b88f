//! What Kubernetes does to the number that a metric asks for.
//!
//! Kubernetes documentation, "Horizontal Pod Autoscaling" (Algorithm details; Configurable scaling behavior): a tolerance of a
//! tenth within which nothing changes; by default at most the double or four more pods in 15 seconds on the way up; on
//! the way down the highest recommendation of the last 300 seconds.

/// Share of the target within which nothing changes.
const TOLERANCE: f64 = 0.1;
/// Milliseconds of the stabilisation window on the way down.
const WINDOW_MS: u64 = 300_000;

/// Memory of one HPA.
#[derive(Debug, Clone, Default)]
pub(super) struct Hpa {
    /// When and how many.
    recommended: Vec<(u64, u32)>,
}

impl Hpa {
    /// Whether a metric is near enough to its target to change nothing.
    pub(super) fn is_near(ratio: f64) -> bool {
        (ratio - 1.0).abs() <= TOLERANCE
    }

    /// From a recommendation to replicas. The bounds of the fleet come first, as there.
    pub(super) fn settle(&mut self, now_ms: u64, current: u32, wanted: u32, bounds: (u32, u32)) -> u32 {
        let wanted = wanted.clamp(bounds.0, bounds.1);
        self.recommended.retain(|(at_ms, _)| at_ms + WINDOW_MS >= now_ms);
        if self.recommended.is_empty() {
            // As there: a controller that has just started takes what it finds for a recommendation.
            self.recommended.push((now_ms, current));
        }
        self.recommended.push((now_ms, wanted));
        if wanted > current {
            let most = current.saturating_mul(2).max(current.saturating_add(4));
            return wanted.min(most);
        }
        let highest = self
            .recommended
            .iter()
            .map(|(_, wanted)| *wanted)
            .fold(wanted, u32::max);
        highest.min(current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_is_at_once_within_the_policies_and_down_is_held_for_the_window() {
        let mut hpa = Hpa::default();
        assert_eq!(hpa.settle(0, 1, 100, (1, 50)), 5);
        assert_eq!(hpa.settle(15_000, 5, 100, (1, 50)), 10);
        assert_eq!(hpa.settle(30_000, 10, 2, (1, 50)), 10);
        assert_eq!(hpa.settle(320_000, 10, 2, (1, 50)), 2);
        assert_eq!(hpa.settle(335_000, 2, 2, (1, 50)), 2);
    }

    #[test]
    fn the_highest_of_the_window_holds() {
        let mut hpa = Hpa::default();
        assert_eq!(hpa.settle(0, 10, 4, (1, 50)), 10);
        hpa.settle(15_000, 10, 7, (1, 50));
        assert_eq!(hpa.settle(310_000, 10, 2, (1, 50)), 7);
    }
}
