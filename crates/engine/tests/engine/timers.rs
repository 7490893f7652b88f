//! `wait` and `timeout`.

use levqor_engine::{Action, InboxItemKind, Timer};
use serde_json::{Value, json};

use crate::play::{SECOND, START, TOOK, failure, kind, play};

#[test]
fn a_wait_parks_once_and_passes_its_input_on() {
    let mut run = play(
        "do:\n  - w: {wait: {seconds: 5}}\n  - s: {set: {n: '${ .n }'}}\n",
        json!({"n": 1}),
    );
    let (timers, _) = run.parked();
    assert_eq!(
        timers,
        [Timer {
            due: START + 5 * SECOND,
            body: json!({"timer": "wait", "path": "/do/0/w"})
        }]
    );
    assert_eq!(run.trace(), ["started /do/0/w"]);
    run.now += SECOND;
    assert_eq!(run.parked().0, timers);
    run.fire(timers[0].clone());
    assert_eq!(run.output(), json!({"n": 1}));
    assert_eq!(run.trace(), ["started /do/0/w", "done /do/0/w", "done /do/1/s"]);
    assert_eq!(run.journal[1].n, Some(1));
}

#[test]
fn a_wait_of_nothing_goes_on_at_once() {
    for wait in ["PT0S", "'${ {seconds: .zero} }'"] {
        let mut run = play(&format!("do:\n  - w: {{wait: {wait}}}\n"), json!({"zero": 0}));
        assert_eq!(run.output(), json!({"zero": 0}));
        assert_eq!(run.trace(), ["done /do/0/w"]);
    }
}

#[test]
fn a_wait_may_be_computed_and_what_is_no_duration_is_an_expression_error() {
    let document = "do:\n  - w: {wait: '${ .delay }'}\n";
    let mut run = play(document, json!({"delay": "PT2S"}));
    assert_eq!(run.parked().0[0].due, START + 2 * SECOND);
    assert_eq!(
        kind(&play(document, json!({"delay": "soon"})).error()),
        "expression"
    );
}

#[test]
fn a_time_that_has_passed_needs_no_timer() {
    let mut run = play("do:\n  - w: {wait: PT5S}\n", Value::Null);
    let (timers, _) = run.parked();
    run.now += 6 * SECOND;
    assert!(matches!(run.step(), Action::End(_)));
    run.fire(timers[0].clone());
    run.step();
    assert_eq!(run.trace(), ["started /do/0/w", "done /do/0/w", "ignored"]);
}

#[test]
fn a_task_that_takes_too_long_raises_timeout_at_its_pointer() {
    let document = "do:
  - t:
      try: [{slow: {call: pay, timeout: {after: PT3S}}}]
      catch: {do: [{h: {set: '${ $error | {status, instance} }'}}]}
";
    let mut run = play(document, Value::Null);
    let call = run.call();
    assert_eq!(call.deadline, Some(START + 3 * SECOND));
    assert_eq!(run.trace(), ["started /do/0/t", "started /do/0/t/try@1/0/slow"]);
    run.now += 3 * SECOND;
    run.machine.time_out(&run.env());
    assert_eq!(
        run.output(),
        json!({"status": 408, "instance": "/do/0/t/try/0/slow"})
    );
}

#[test]
fn a_timeout_cancels_everything_in_its_scope_and_not_outside() {
    let document = "do:
  - guarded:
      try:
        - scope:
            timeout: {after: PT3S}
            try: [{w: {do: [{deep: {wait: PT1H}}]}}]
            catch: {do: [{own: {set: {caught: inside}}}]}
      catch: {do: [{h: {set: {caught: outside}}}]}
";
    let mut run = play(document, Value::Null);
    let (timers, _) = run.parked();
    let due: Vec<i64> = timers.iter().map(|timer| timer.due - START).collect();
    assert_eq!(due, [3 * SECOND, 3_600 * SECOND]);
    assert_eq!(
        timers[0].body,
        json!({"timer": "timeout", "path": "/do/0/guarded/try@1/0/scope"})
    );
    assert_eq!(run.output(), json!({"caught": "outside"}));
    run.fire(timers[1].clone());
    assert!(matches!(run.step(), Action::End(_)));
    assert_eq!(run.trace().last().unwrap(), "ignored");
}

#[test]
fn a_result_that_came_counts_though_the_deadline_has_passed() {
    let document = "do:\n  - a: {call: pay, timeout: {after: PT3S}}\n";
    let mut run = play(document, Value::Null);
    run.call();
    run.inbox(InboxItemKind::Timer(json!({"timer": "wait", "path": "/do/9/x"})));
    run.now += 60 * SECOND;
    run.answer(Ok(json!("late")));
    assert_eq!(run.output(), json!("late"));
}

#[test]
fn a_timer_of_a_scope_times_out_the_call_that_runs_in_it() {
    let document = "do:\n  - d: {timeout: {after: PT9S}, do: [{w: {wait: PT1S}}, {a: {call: pay}}]}\n";
    let mut run = play(document, Value::Null);
    let (timers, _) = run.parked();
    run.fire(timers[0].clone());
    assert_eq!(run.call().deadline, Some(START + 9 * SECOND));
    run.fire(timers[1].clone());
    let error = run.error();
    assert_eq!(
        (kind(&error), error.status, error.instance.as_deref()),
        ("timeout", 408, Some("/do/0/d"))
    );
}

#[test]
fn the_workflows_timeout_faults_the_run_past_every_catch() {
    let document = "timeout: {after: PT10S}
do:
  - t: {try: [{w: {wait: PT1H}}], catch: {do: [{h: {set: {caught: true}}}]}}
";
    let mut run = play(document, Value::Null);
    let error = run.error();
    assert_eq!((kind(&error), error.status), ("timeout", 408));
    assert_eq!(run.now, START + 10 * SECOND);
    assert_eq!(run.trace().last().unwrap(), "fault");
}

#[test]
fn a_run_that_is_over_in_time_has_no_timeout() {
    let mut run =
        play("timeout: {after: PT10S}\ndo:\n  - a: {call: pay}\n", Value::Null).answers([Ok(json!(1))]);
    assert_eq!(run.call().deadline, Some(START + 10 * SECOND));
    run.answer(Ok(json!(1)));
    run.now += 60 * SECOND;
    assert_eq!(run.output(), json!(1));
}

#[test]
fn time_out_without_a_deadline_has_no_effect() {
    let mut run = play("do:\n  - a: {call: pay}\n", Value::Null).answers([Err(failure("runtime", 500))]);
    run.call();
    run.machine.time_out(&run.env());
    assert_eq!((run.error().status, run.calls.len()), (500, 1));
    assert_eq!(run.now, START + TOOK);
}
