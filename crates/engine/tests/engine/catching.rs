//! `try`, `catch`, `retry`.

use levqor_engine::{Action, CallFailure};
use serde_json::{Value, json};

use crate::play::{Play, SECOND, START, TOOK, failure, kind, play};

fn tried(catch: &str) -> Play {
    play(
        &format!("do:\n  - t:\n      try: [{{a: {{call: pay}}}}]\n      catch: {catch}\n"),
        json!({"in": 1}),
    )
}

fn down() -> Result<Value, CallFailure> {
    Err(failure("communication", 503))
}

#[test]
fn a_caught_error_is_a_variable_of_the_handler() {
    let mut run =
        tried("{as: err, do: [{h: {set: {error: '${ $err }', in: '${ .in }'}}}]}").answers([down()]);
    let output = run.output();
    assert_eq!(output["in"], 1);
    assert_eq!(
        output["error"]["type"],
        "https://serverlessworkflow.io/spec/1.0.0/errors/communication"
    );
    assert_eq!(output["error"]["status"], 503);
    assert_eq!(output["error"]["title"], "Failed communication");
    assert_eq!(output["error"]["instance"], "/do/0/t/try/0/a");
    let expected = [
        "started /do/0/t",
        "failed /do/0/t/try@1/0/a",
        "caught /do/0/t",
        "done /do/0/t/catch@1/do/0/h",
        "done /do/0/t",
    ];
    assert_eq!(run.trace(), expected);
}

#[test]
fn a_filter_compares_every_spelling_of_a_type_and_all_members_given() {
    let with = |with: &str| tried(&format!("{{errors: {{with: {with}}}}}")).answers([down()]);
    for spelling in [
        "open-workflow-specification.org/dsl/errors/types",
        "serverlessworkflow.io/spec/1.0.0/errors",
    ] {
        let mut run = with(&format!(
            "{{type: 'https://{spelling}/communication', status: 503}}"
        ));
        assert_eq!(run.output(), json!({"in": 1}));
    }
    for other in [
        "{status: 404}",
        "{instance: /do/0/b}",
        "{type: 'https://serverlessworkflow.io/spec/1.0.0/errors/timeout'}",
    ] {
        assert_eq!(with(other).error().status, 503, "{other}");
    }
}

#[test]
fn when_and_except_when_decide_on_the_error() {
    for (catch, is_caught) in [
        ("{when: '$error.status == 503'}", true),
        ("{when: '$error.status == 404'}", false),
        ("{exceptWhen: '$error.status == 503'}", false),
        ("{exceptWhen: '$error.status == 404'}", true),
    ] {
        let mut run = tried(catch).answers([down()]);
        if is_caught {
            assert_eq!(run.output(), json!({"in": 1}), "{catch}");
        } else {
            assert_eq!(run.error().status, 503, "{catch}");
        }
    }
}

#[test]
fn retries_wait_as_the_policy_says_and_then_succeed() {
    let mut run =
        tried("{retry: {delay: {seconds: 2}, backoff: {exponential: {}}, limit: {attempt: {count: 5}}}}")
            .answers([down(), down(), Ok(json!("paid"))]);
    assert_eq!(run.output(), json!("paid"));
    assert_eq!(
        run.called(),
        ["/do/0/t/try@1/0/a", "/do/0/t/try@2/0/a", "/do/0/t/try@3/0/a"]
    );
    let keys: Vec<&str> = run
        .calls
        .iter()
        .map(|call| call.idempotency_key.as_str())
        .collect();
    assert_eq!(keys, ["0197b3c2-run:/do/0/t/try/0/a"; 3]);
    let attempts: Vec<u32> = run.calls.iter().map(|call| call.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(run.now, START + 3 * TOOK + 6 * SECOND);
}

#[test]
fn exhausted_retries_run_the_handler_or_raise_again() {
    let policy = "retry: {limit: {attempt: {count: 2}}}";
    let mut run =
        tried(&format!("{{{policy}, do: [{{h: {{set: {{gave: up}}}}}}]}}")).answers([down(), down(), down()]);
    assert_eq!(run.output(), json!({"gave": "up"}));
    assert_eq!(
        (run.calls.len(), run.trace().last().unwrap().as_str()),
        (3, "done /do/0/t")
    );
    assert!(run.trace().contains(&"done /do/0/t/catch@3/do/0/h".to_owned()));
    let mut run = tried(&format!("{{{policy}}}")).answers([down(), down(), down()]);
    assert_eq!((run.error().status, run.calls.len()), (503, 3));
}

#[test]
fn an_error_nobody_may_retry_is_caught_at_once() {
    let fatal = || {
        Err(CallFailure {
            fatal: true,
            ..failure("validation", 422)
        })
    };
    let mut run =
        tried("{retry: {limit: {attempt: {count: 9}}}, do: [{h: {set: {c: '${ $error.status }'}}}]}");
    run = run.answers([fatal()]);
    assert_eq!((run.output(), run.calls.len()), (json!({"c": 422}), 1));
    let mut run = tried("{retry: {limit: {attempt: {count: 9}}}}").answers([fatal()]);
    assert_eq!((run.error().status, run.calls.len()), (422, 1));
}

#[test]
fn a_policy_that_does_not_apply_is_an_exhausted_one() {
    let mut run =
        tried("{retry: {when: '$error.status == 429', limit: {attempt: {count: 9}}}}").answers([down()]);
    assert_eq!((run.error().status, run.calls.len()), (503, 1));
}

#[test]
fn no_retry_starts_later_than_the_whole_duration_after_the_first_failure() {
    let policy = "{retry: {delay: {seconds: 4}, limit: {duration: {seconds: 10}, attempt: {count: 99}}}}";
    let mut run = tried(policy).answers(std::iter::repeat_with(down).take(99));
    assert_eq!((run.error().status, run.calls.len()), (503, 3));
}

#[test]
fn jitter_is_journaled_by_the_time_it_led_to() {
    let mut run =
        tried("{retry: {delay: {seconds: 1}, jitter: {from: {seconds: 0}, to: {seconds: 2}}}}").answers([]);
    run.random = 1_500_000;
    run.call();
    run.answer(down());
    let (timers, _) = run.parked();
    assert_eq!(timers[0].due, START + TOOK + 2_500_000);
    run.random = 7;
    assert_eq!(run.parked().0, timers);
}

#[test]
fn an_attempt_that_takes_too_long_counts_as_failed() {
    let mut run = tried(
        "{retry: {limit: {attempt: {count: 1, duration: {seconds: 5}}}}, do: [{h: {set: {c: '${ $error.type | split(\"/\") | last }'}}}]}",
    );
    let call = run.call();
    assert_eq!(call.deadline, Some(START + 5 * SECOND));
    run.now += 5 * SECOND;
    run.machine.time_out(&run.env());
    let call = run.call();
    assert_eq!(
        (call.path.as_str(), call.attempt, call.deadline),
        ("/do/0/t/try@2/0/a", 2, Some(START + 10 * SECOND))
    );
    run.now += 5 * SECOND;
    assert_eq!(run.output(), json!({"c": "timeout"}));
    let failed: Vec<String> = run
        .trace()
        .into_iter()
        .filter(|line| line.starts_with("failed"))
        .collect();
    assert_eq!(failed, ["failed /do/0/t/try@1", "failed /do/0/t/try@2"]);
}

#[test]
fn an_error_in_the_handler_or_of_the_filter_goes_outward() {
    let document = |inner: &str| {
        format!(
            "do:
  - outer:
      try:
        - inner: {{try: [{{a: {{call: pay}}}}], catch: {inner}}}
      catch: {{as: e, do: [{{h: {{set: '${{ $e }}'}}}}]}}
"
        )
    };
    let raise = document(
        "{do: [{again: {raise: {error: {type: 'https://e/worse', status: 500, detail: '${ $error.title }'}}}}]}",
    );
    let caught = play(&raise, Value::Null).answers([down()]).output();
    assert_eq!(
        (&caught["type"], &caught["detail"]),
        (&json!("https://e/worse"), &json!("Failed communication"))
    );
    assert_eq!(caught["instance"], "/do/0/outer/try/0/inner/catch/do/0/again");
    let filter = play(&document("{when: '1 + {}'}"), Value::Null)
        .answers([down()])
        .output();
    assert_eq!(
        (&filter["status"], &filter["instance"]),
        (&json!(400), &json!("/do/0/outer/try/0/inner"))
    );
}

#[test]
fn a_retry_begins_the_whole_list_again_with_the_input_of_the_try() {
    let document = "do:
  - t:
      try:
        - one: {set: {n: '${ .n + 1 }'}}
        - two: {call: pay, with: {n: '${ .n }'}}
      catch: {retry: {limit: {attempt: {count: 3}}}}
";
    let mut run = play(document, json!({"n": 1})).answers([down(), Ok(json!("ok"))]);
    assert_eq!(run.output(), json!("ok"));
    assert!(run.calls.iter().all(|call| matches!(&call.kind, levqor_engine::CallKind::Activity { input, .. } if *input == json!({"n": 2}))));
}

#[test]
fn catch_then_says_where_to_go_after_a_caught_error_only() {
    let document = "do:
  - t:
      try: [{a: {call: pay}}]
      catch: {then: failed}
      then: fine
  - failed: {set: {was: failed}, then: end}
  - fine: {set: {was: fine}}
";
    assert_eq!(
        play(document, Value::Null).answers([down()]).output(),
        json!({"was": "failed"})
    );
    assert_eq!(play(document, Value::Null).output(), json!({"was": "fine"}));
}

#[test]
fn errors_pass_loops_and_lists_on_their_way_out() {
    let document = "do:
  - t:
      try:
        - l: {for: {in: '[1, 2]'}, do: [{d: {do: [{a: {call: pay}}]}}]}
      catch: {do: [{h: {set: {at: '${ $error.instance }', item: '${ [.] }'}}}]}
";
    let mut run = play(document, json!(0)).answers([Ok(json!(1)), down()]);
    assert_eq!(
        run.output(),
        json!({"at": "/do/0/t/try/0/l/do/0/d/do/0/a", "item": [0]})
    );
    assert_eq!(run.called()[1], "/do/0/t/try@1/0/l/for/1/do/0/d/do/0/a");
}

#[test]
fn a_retry_delay_is_a_timer_and_its_stale_twin_has_no_effect() {
    let mut run = tried("{retry: {delay: {seconds: 2}}}");
    run.call();
    run.answer(down());
    let (timers, subscription) = run.parked();
    assert_eq!((timers.len(), subscription), (1, None));
    run.fire(timers[0].clone());
    assert_eq!(run.call().path, "/do/0/t/try@2/0/a");
    run.fire(timers[0].clone());
    assert!(matches!(run.step(), Action::Call(call) if call.attempt == 2));
    assert_eq!(run.trace().last().unwrap(), "ignored");
    assert_eq!(run.machine.inbox_folded(), 2);
    assert_eq!(
        kind(&{
            run.answer(Err(CallFailure {
                fatal: true,
                ..failure("runtime", 500)
            }));
            run.error()
        }),
        "runtime"
    );
}
