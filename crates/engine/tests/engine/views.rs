//! The journal as people see it.

use levqor_engine::{InboxItemKind, StepView, steps};
use serde_json::{Value, json};

use crate::play::{Play, START, TOOK, failure, play};

fn seen(run: &Play) -> Vec<(String, String, u32)> {
    steps(&run.journal)
        .into_iter()
        .map(|step| (step.pointer, step.state, step.attempt))
        .collect()
}

fn row(pointer: &str, state: &str, attempt: u32) -> (String, String, u32) {
    (pointer.to_owned(), state.to_owned(), attempt)
}

fn find(run: &Play, path: &str) -> StepView {
    steps(&run.journal)
        .into_iter()
        .find(|step| step.path == path)
        .unwrap()
}

#[test]
fn a_step_has_its_input_output_and_times() {
    let document = "do:
  - s: {set: {n: 2}}
  - a: {call: pay, with: {n: '${ .n }'}}
  - skip: {if: 'false', set: {n: 3}}
  - d: {do: [{x: {set: '${ . + 1 }'}}]}
";
    let mut run = play(document, Value::Null).answers([Ok(json!(5))]);
    run.output();
    let call = find(&run, "/do/1/a");
    assert_eq!(
        (call.task.as_str(), call.state.as_str(), call.attempt),
        ("activity", "completed", 1)
    );
    assert_eq!((call.input, call.output), (Some(json!({"n": 2})), Some(json!(5))));
    assert_eq!(
        (call.started_at, call.ended_at),
        (Some(START), Some(START + TOOK))
    );
    let skipped = find(&run, "/do/2/skip");
    assert_eq!(
        (skipped.state.as_str(), skipped.output),
        ("skipped", Some(json!(5)))
    );
    let nested = find(&run, "/do/3/d/do/0/x");
    assert_eq!((nested.input, nested.output), (Some(json!(5)), Some(json!(6))));
    assert_eq!(find(&run, "/do/3/d").output, Some(json!(6)));
}

#[test]
fn attempts_are_told_apart() {
    let document = "do:\n  - t: {try: [{d: {do: [{a: {call: pay}}]}}], catch: {retry: {delay: PT1S}}}\n";
    let down = || Err(failure("communication", 503));
    let mut run = play(document, Value::Null).answers([down(), Ok(json!(1))]);
    run.output();
    let expected = [
        row("/do/0/t", "completed", 1),
        row("/do/0/t/try/0/d", "retried", 1),
        row("/do/0/t/try/0/d/do/0/a", "retried", 1),
        row("/do/0/t/try/0/d", "completed", 2),
        row("/do/0/t/try/0/d/do/0/a", "completed", 2),
    ];
    assert_eq!(seen(&run), expected);
    assert_eq!(find(&run, "/do/0/t/try@1/0/d/do/0/a").error.unwrap().status, 503);
}

#[test]
fn what_waits_and_what_runs_is_said() {
    let document = "do:\n  - d: {do: [{w: {wait: PT1S}}]}\n";
    let mut run = play(document, Value::Null);
    run.parked();
    assert_eq!(
        seen(&run),
        [row("/do/0/d", "running", 1), row("/do/0/d/do/0/w", "waiting", 1)]
    );
    assert_eq!(find(&run, "/do/0/d").ended_at, None);
    run.inbox(InboxItemKind::Cancel(Value::Null));
    run.step();
    assert_eq!(
        seen(&run),
        [
            row("/do/0/d", "cancelled", 1),
            row("/do/0/d/do/0/w", "cancelled", 1)
        ]
    );
}

#[test]
fn an_error_nobody_catches_faults_what_is_around_it() {
    let document = "do:\n  - d: {do: [{a: {call: pay}}]}\n";
    let mut run = play(document, Value::Null).answers([Err(failure("runtime", 500))]);
    run.error();
    assert_eq!(
        seen(&run),
        [row("/do/0/d", "faulted", 1), row("/do/0/d/do/0/a", "faulted", 1)]
    );
}

#[test]
fn a_timeout_cancels_what_was_inside() {
    let document = "do:\n  - d: {timeout: {after: PT1S}, do: [{w: {wait: PT9S}}]}\n";
    let mut run = play(document, Value::Null);
    run.error();
    assert_eq!(
        seen(&run),
        [
            row("/do/0/d", "faulted", 1),
            row("/do/0/d/do/0/w", "cancelled", 1)
        ]
    );
}

#[test]
fn a_caught_error_stays_visible() {
    let document = "do:\n  - t: {try: [{a: {call: pay}}], catch: {do: [{h: {set: {ok: true}}}]}}\n";
    let mut run = play(document, Value::Null).answers([Err(failure("runtime", 500))]);
    run.output();
    let expected = [
        row("/do/0/t", "completed", 1),
        row("/do/0/t/try/0/a", "faulted", 1),
        row("/do/0/t/catch/do/0/h", "completed", 1),
    ];
    assert_eq!(seen(&run), expected);
}
