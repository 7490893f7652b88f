//! What is known to arrive: ticks of schedules and repeats.

use std::collections::BTreeMap;

use super::TICK_MS;
use crate::{Due, num, trace::Arrival};

/// Milliseconds that a rule is told ahead.
const AHEAD_MS: u64 = 900_000;

/// Numbers by time and class.
#[derive(Debug, Clone, Default)]
pub(super) struct Known(BTreeMap<(u64, usize), u32>);

impl Known {
    pub(super) fn new(arrivals: &[Arrival]) -> Self {
        let mut known = Self::default();
        for arrival in arrivals.iter().filter(|arrival| arrival.foreseen) {
            known.add(arrival.at_ms, arrival.class);
        }
        known
    }

    pub(super) fn add(&mut self, at_ms: u64, class: usize) {
        *self.0.entry((at_ms, class)).or_default() += 1;
    }

    /// What was due until now is here and no longer due.
    pub(super) fn forget(&mut self, now_ms: u64) {
        self.0 = self.0.split_off(&(now_ms + 1, 0));
    }

    /// What is due for a class, grouped by tick.
    pub(super) fn ahead(&self, now_ms: u64, class: usize) -> Vec<Due> {
        let mut groups: BTreeMap<u64, u32> = BTreeMap::new();
        for ((at_ms, _), runs) in self
            .0
            .range((now_ms, 0)..(now_ms + AHEAD_MS, 0))
            .filter(|((_, of), _)| *of == class)
        {
            *groups.entry((at_ms - now_ms) / TICK_MS).or_default() += runs;
        }
        let due = |(tick, runs)| Due {
            in_s: num::seconds(tick * TICK_MS),
            runs,
        };
        groups.into_iter().map(due).collect()
    }
}
