//! What must hold of a history, whatever was done to the installation. Each checker is a function of the history alone,
//! counts what it looked at, and names what it found.

mod accepted;
mod cancels;
mod ended;
mod epochs;
mod events;
mod fairness;
#[cfg(test)]
mod fixture;
mod holders;
mod journals;
mod keys;
mod overlaps;
mod ticks;
mod timers;
mod verdict;

pub(crate) use fairness::burst;
pub use verdict::{Bug, Counterexample, Standing, Verdict};

use crate::history::History;

/// A checker.
type Check = fn(&History) -> Verdict;

/// All of them, in the order of the report.
const ALL: [Check; 12] = [
    accepted::check,
    ended::check,
    epochs::check,
    overlaps::check,
    holders::check,
    keys::check,
    journals::check,
    events::check,
    cancels::check,
    timers::check,
    ticks::check,
    fairness::check,
];

/// Every verdict on this history.
pub fn check(history: &History) -> Vec<Verdict> {
    ALL.iter().map(|check| check(history)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_history_passes_every_checker_and_leaves_none_without_work() {
        for verdict in check(&fixture::good()) {
            assert_eq!(verdict.standing, Standing::Held, "{verdict:#?}");
            assert!(verdict.checked > 0, "{verdict:#?}");
        }
    }

    #[test]
    fn an_empty_history_proves_nothing() {
        for verdict in check(&History::default()) {
            assert_eq!(verdict.standing, Standing::Unchecked, "{verdict:#?}");
        }
    }
}
