//! What a run has used: the fold of what its journal says of its calls, so that a run which is resumed after a crash counts
//! what was committed before, once.

use levqor_engine::{
    Entry,
    journal::{CallRecord, Fact, TaskType},
};
use levqor_store::{Prices, Usage};

/// Most time that one run is charged: 31 years, so that sums over a batch fit.
const MOST_US: i64 = 1_000_000_000_000_000;

/// Time and calls so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meter {
    worker_us: i64,
    calls: i32,
}

impl Meter {
    /// Counts the attempts among the entries.
    pub(super) fn add<'e>(&mut self, entries: impl IntoIterator<Item = &'e Entry>) {
        for (task, call) in entries.into_iter().filter_map(|entry| attempt(&entry.fact)) {
            self.worker_us = self.worker_us.saturating_add(call.took.max(0)).min(MOST_US);
            self.calls = self.calls.saturating_add(i32::from(task == TaskType::Http));
        }
    }

    /// What it cost, in millionths of a minor unit.
    pub(super) fn cost(self, prices: Prices) -> i64 {
        let (time, _) = prices.worker(self.worker_us, 0);
        time.saturating_add(i64::from(self.calls).saturating_mul(prices.call))
    }

    /// For the books; `value` is what the run is worth when it completes.
    pub(super) fn usage(self, value: Option<i64>) -> Usage {
        Usage {
            worker_us: self.worker_us,
            calls: self.calls,
            value,
        }
    }
}

fn attempt(fact: &Fact) -> Option<(TaskType, &CallRecord)> {
    match fact {
        Fact::Done(done) => Some((done.task, done.call.as_ref()?)),
        Fact::Failed(failed) => Some((failed.task, failed.call.as_ref()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use levqor_engine::journal::Done;

    use super::*;

    fn done(task: TaskType, took: Option<i64>) -> Entry {
        let call = took.map(|took| CallRecord { took, input: None });
        let done = Done {
            task,
            out: None,
            context: None,
            next: None,
            call,
            taken: None,
        };
        Entry {
            path: "/do/0/a".into(),
            at: 0,
            n: None,
            fact: Fact::Done(Box::new(done)),
        }
    }

    #[test]
    fn attempts_count_by_their_time_and_http_by_the_call() {
        let mut meter = Meter::default();
        meter.add(&[
            done(TaskType::Http, Some(2_000_000)),
            done(TaskType::Activity, Some(1_600_000)),
            done(TaskType::Set, None),
        ]);
        let usage = meter.usage(Some(5));
        assert_eq!(
            (usage.worker_us, usage.calls, usage.value),
            (3_600_000, 1, Some(5))
        );
        // A thousandth of an hour at 4,000,000, and a call at 100.
        assert_eq!(meter.cost(Prices::default()), 4_100);
    }
}
