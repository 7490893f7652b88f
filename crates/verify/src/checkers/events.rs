//! An event that was taken while its run listened reaches it, once. One taken before the run was asked for does not: the
//! run had no subscription then (docs/DEPARTURES.md, "events while nobody listens").

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Bug, Verdict};
use crate::history::{Event, History, Run, Start, State, Step};

/// Looks at every event.
pub(super) fn check(history: &History) -> Verdict {
    let promise = "an event that was taken while its run listened reaches it, once";
    let mut verdict = Verdict::new("events", promise);
    let runs = history.by_id();
    let mut of_run: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in &history.events {
        of_run.entry(&event.op).or_default().push(event);
    }
    for start in &history.starts {
        let run = start.run().and_then(|run| runs.get(run));
        if let (Some(run), Some(events)) = (run, of_run.get(start.key.as_str())) {
            let steps = history.journals.get(&run.id).map_or(&[][..], Vec::as_slice);
            of_one(start, run, events, &received(steps), &mut verdict);
        }
    }
    verdict
}

/// Numbers of the events that the run's listening tasks gave.
fn received(steps: &[Step]) -> Vec<u64> {
    let outputs = steps
        .iter()
        .filter(|step| step.task == "listen" && step.state == "completed");
    let events = outputs.filter_map(|step| step.output.as_ref()?.as_array());
    events
        .flatten()
        .filter_map(|event| event.get("n").and_then(Value::as_u64))
        .collect()
}

fn of_one(start: &Start, run: &Run, events: &[&Event], received: &[u64], verdict: &mut Verdict) {
    for event in events {
        let Some(at) = event.taken() else { continue };
        verdict.look();
        let times = received.iter().filter(|n| **n == u64::from(event.n)).count();
        let listened = event.n > 0 && start.waiting.is_some_and(|since| since <= at);
        if listened && times == 0 {
            let state = run.state;
            let what = format!(
                "event {} was taken, matched {:?}; the run is {state:?} with the events {received:?}",
                event.id, event.matched
            );
            verdict.found(Bug::DroppedEvent, &run.id, what);
        } else if times > 1 || (event.n == 0 && times > 0) {
            let what = format!("event {} reached it {times} times: {received:?}", event.id);
            verdict.found(Bug::WrongEvent, &run.id, what);
        }
    }
    if run.state == State::Completed && received.len() != 2 {
        let what = format!("completed with the events {received:?}");
        verdict.found(Bug::WrongEvent, &run.id, what);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::fixture::{LISTEN, good},
        *,
    };

    #[test]
    fn a_dropped_event_is_found() {
        let mut history = good();
        history.journals.get_mut(LISTEN).unwrap().pop();
        let run = history.runs.iter_mut().find(|run| run.id == LISTEN).unwrap();
        run.state = State::Waiting;
        assert_eq!(check(&history).bugs(), [Bug::DroppedEvent]);
    }

    #[test]
    fn an_event_that_comes_twice_is_found() {
        let mut history = good();
        let steps = history.journals.get_mut(LISTEN).unwrap();
        let first = steps[0].output.clone();
        steps[1].output = first;
        assert_eq!(check(&history).bugs(), [Bug::WrongEvent, Bug::DroppedEvent]);
    }

    #[test]
    fn an_event_from_before_the_run_is_found() {
        let mut history = good();
        let steps = history.journals.get_mut(LISTEN).unwrap();
        steps[0].output = Some(json!([{"n": 0}]));
        assert!(check(&history).bugs().contains(&Bug::WrongEvent));
    }
}
