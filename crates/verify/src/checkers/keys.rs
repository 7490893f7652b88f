//! A step has one idempotency key, the same over tries, claims and crashes, and no other step has it.

use std::collections::BTreeMap;

use super::{Bug, Verdict};
use crate::history::History;

/// Looks at every step that was called.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "a step's calls carry one idempotency key, over tries and crashes, and no other step's do";
    let mut verdict = Verdict::new("keys", promise);
    let mut keys: BTreeMap<(&str, u32), &str> = BTreeMap::new();
    let mut steps: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for call in &history.calls {
        let step = (call.run.as_str(), call.step);
        match keys.insert(step, &call.key) {
            None => verdict.look(),
            Some(known) => {
                verdict.count("calls repeated", 1);
                if known != call.key {
                    let what = format!("step {} was called with {known} and with {}", call.step, call.key);
                    verdict.found(Bug::UnstableKey, &call.run, what);
                }
            }
        }
        if let Some(other) = steps.insert(&call.key, step).filter(|other| *other != step) {
            let what = format!("stands for {other:?} and for {step:?}");
            verdict.found(Bug::UnstableKey, &call.key, what);
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::{super::fixture::good, *};

    #[test]
    fn a_key_with_the_attempt_number_is_found() {
        let mut history = good();
        let mut again = history.calls[0].clone();
        again.attempt = 2;
        again.key = format!("{}@2", again.key);
        history.calls.push(again);
        assert_eq!(check(&history).bugs(), [Bug::UnstableKey]);
    }

    #[test]
    fn a_key_of_two_steps_is_found() {
        let mut history = good();
        history.calls[1].key = history.calls[0].key.clone();
        assert_eq!(check(&history).bugs(), [Bug::UnstableKey]);
    }
}
