//! Two calls with one key at the same time are allowed only when one of them comes from an older claim: its worker does
//! not know yet that it lost the run.

use std::collections::BTreeMap;

use super::{Bug, Verdict};
use crate::history::{Call, History};

/// Looks at every key.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "two calls with one key overlap only when one has a lower epoch";
    let mut verdict = Verdict::new("overlaps", promise);
    let mut by_key: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in &history.calls {
        by_key.entry(&call.key).or_default().push(call);
    }
    for (key, calls) in &by_key {
        verdict.look();
        for (a, b) in overlapping(calls) {
            verdict.count("overlaps", 1);
            if a.epoch == b.epoch {
                let what = format!(
                    "{} ({} to {}) and {} ({} to {}), both of epoch {}",
                    a.token, a.begin, a.end, b.token, b.begin, b.end, a.epoch
                );
                verdict.found(Bug::OverlapWithoutLowerEpoch, key, what);
            }
        }
    }
    verdict
}

/// Pairs that were under way at once.
pub(super) fn overlapping<'a>(calls: &[&'a Call]) -> Vec<(&'a Call, &'a Call)> {
    let mut sorted = calls.to_vec();
    sorted.sort_by_key(|call| (call.begin, call.end));
    let mut pairs = Vec::new();
    for (at, first) in sorted.iter().enumerate() {
        let later = sorted.iter().skip(at + 1);
        pairs.extend(
            later
                .take_while(|call| call.begin < first.end)
                .map(|call| (*first, *call)),
        );
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};
    use crate::checkers::Standing;

    fn with_second(epoch: i64) -> History {
        let mut history = good();
        let first = history.calls[0].clone();
        history.calls.push(Call {
            token: "second".to_owned(),
            epoch,
            begin: first.begin + 1,
            end: first.end + 1,
            ..first
        });
        history
    }

    #[test]
    fn an_overlap_without_a_lower_epoch_is_found() {
        assert_eq!(check(&with_second(1)).bugs(), [Bug::OverlapWithoutLowerEpoch]);
    }

    #[test]
    fn an_overlap_with_a_worker_that_lost_the_run_is_counted_only() {
        let verdict = check(&with_second(2));
        assert_eq!(verdict.standing, Standing::Held);
        assert_eq!(verdict.figures["overlaps"], 1);
    }
}
