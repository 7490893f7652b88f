//! `do`, `set`, `switch`, `if`, `then`, `raise`, and the shape of an activation.

use levqor_engine::{Action, Outcome, encode};
use serde_json::{Value, json};

use crate::play::{kind, play};

#[test]
fn one_call_is_one_activation_with_one_entry() {
    let mut run = play("do:\n  - a: {call: noop}\n", Value::Null);
    let call = run.call();
    assert_eq!(
        (call.path.as_str(), call.attempt, call.deadline),
        ("/do/0/a", 1, None)
    );
    assert_eq!(call.idempotency_key, "0197b3c2-run:/do/0/a");
    assert!(run.journal.is_empty());
    run.answer(Ok(Value::Null));
    assert_eq!(run.step(), Action::End(Outcome::Completed(Value::Null)));
    assert_eq!(run.trace(), ["done /do/0/a"]);
    assert!(
        encode(&run.journal).len() < 130,
        "{}",
        String::from_utf8_lossy(&encode(&run.journal))
    );
}

#[test]
fn asking_again_changes_nothing() {
    let mut run = play(
        "do:\n  - s: {set: {n: 1}}\n  - a: {call: noop, with: {n: '${ .n }'}}\n",
        Value::Null,
    );
    let first = run.call();
    assert_eq!(run.trace(), ["done /do/0/s"]);
    assert_eq!(run.call(), first);
    assert_eq!(run.journal.len(), 1);
}

#[test]
fn a_set_replaces_and_data_is_never_an_expression() {
    let mut run = play(
        "do:\n  - s: {set: {a: '${ .text }'}}\n",
        json!({"text": "${ .secret }", "secret": 1}),
    );
    assert_eq!(run.output(), json!({"a": "${ .secret }"}));
}

#[test]
fn tasks_run_in_the_order_then_says_backwards_too() {
    let tasks = "do:
  - setRed: {set: {colors: '${ .colors + [\"red\"] }'}, then: setGreen}
  - setBlue: {set: {colors: '${ .colors + [\"blue\"] }'}, then: end}
  - setGreen: {set: {colors: '${ .colors + [\"green\"] }'}, then: setBlue}
";
    let mut run = play(tasks, Value::Null);
    assert_eq!(run.output(), json!({"colors": ["red", "green", "blue"]}));
    assert_eq!(
        run.trace(),
        ["done /do/0/setRed", "done /do/2/setGreen", "done /do/1/setBlue"]
    );
}

#[test]
fn a_task_visited_again_has_a_path_and_a_key_of_its_own() {
    let tasks = "do:
  - poll: {call: look}
  - again: {switch: [{more: {when: '. < 3', then: poll}}]}
";
    let mut run = play(tasks, Value::Null).answers([Ok(json!(1)), Ok(json!(2)), Ok(json!(3))]);
    assert_eq!(run.output(), json!(3));
    assert_eq!(run.called(), ["/do/0/poll", "/do/0/poll~2", "/do/0/poll~3"]);
    let keys: Vec<&str> = run
        .calls
        .iter()
        .map(|call| call.idempotency_key.as_str())
        .collect();
    assert_eq!(keys[2], "0197b3c2-run:/do/0/poll~3");
    assert_eq!(run.trace()[3], "done /do/1/again~2");
}

#[test]
fn a_switch_takes_the_first_match_then_its_default_then_its_own_then() {
    let tasks = "do:
  - choose:
      switch:
        - small: {when: '.n < 10', then: small}
        - odd: {when: '.n % 2 == 1', then: odd}
        DEFAULT
      then: none
  - small: {set: {is: small}, then: end}
  - odd: {set: {is: odd}, then: end}
  - other: {set: {is: other}, then: end}
  - none: {set: {is: none}}
";
    let default = tasks.replace("DEFAULT", "- rest: {then: other}");
    let without = tasks.replace("        DEFAULT\n", "");
    for (document, n, expected) in [
        (&default, 3, "small"),
        (&default, 13, "odd"),
        (&default, 12, "other"),
        (&without, 12, "none"),
    ] {
        assert_eq!(
            play(document, json!({ "n": n })).output(),
            json!({ "is": expected })
        );
    }
}

#[test]
fn a_skipped_task_passes_its_raw_input_on_and_takes_no_turn_of_its_own() {
    let tasks = "do:
  - guard: {if: .stop, set: {stopped: true}, then: end}
  - work: {set: {worked: '${ .n }'}}
";
    let mut run = play(tasks, json!({"stop": false, "n": 7}));
    assert_eq!(run.output(), json!({"worked": 7}));
    assert_eq!(run.trace(), ["skipped /do/0/guard", "done /do/1/work"]);
    assert_eq!(
        play(tasks, json!({"stop": true})).output(),
        json!({"stopped": true})
    );
}

#[test]
fn exit_leaves_the_list_and_end_the_workflow() {
    let tasks = |then: &str| {
        format!(
            "do:
  - outer:
      do:
        - inner: {{set: {{at: inner}}, then: {then}}}
        - never: {{set: {{at: never}}}}
  - after: {{set: {{at: after, from: '${{ .at }}'}}}}
"
        )
    };
    assert_eq!(
        play(&tasks("exit"), Value::Null).output(),
        json!({"at": "after", "from": "inner"})
    );
    assert_eq!(play(&tasks("end"), Value::Null).output(), json!({"at": "inner"}));
}

#[test]
fn nested_lists_hand_their_data_through() {
    let tasks = "do:
  - composite:
      do:
        - setRed: {set: {colors: '${ .colors + [\"red\"] }'}}
        - deeper: {do: [{setGreen: {set: {colors: '${ .colors + [\"green\"] }'}}}]}
";
    let mut run = play(tasks, Value::Null);
    assert_eq!(run.output(), json!({"colors": ["red", "green"]}));
    assert_eq!(run.trace()[3], "done /do/0/composite/do/1/deeper/do/0/setGreen");
}

#[test]
fn entering_a_list_costs_no_commit_before_its_first_call() {
    let mut run = play("do:\n  - outer: {do: [{inner: {call: noop}}]}\n", Value::Null);
    assert_eq!(run.call().path, "/do/0/outer/do/0/inner");
    assert!(run.journal.is_empty());
    run.answer(Ok(json!(1)));
    run.step();
    assert_eq!(
        run.trace(),
        [
            "started /do/0/outer",
            "done /do/0/outer/do/0/inner",
            "done /do/0/outer"
        ]
    );
}

#[test]
fn a_raised_error_is_the_documents_own_with_the_tasks_pointer() {
    let tasks = "do:
  - raiseError:
      raise:
        error: {status: 400, type: 'https://serverlessworkflow.io/dsl/errors/types/compliance', title: '${ .t }'}
";
    let error = play(tasks, json!({"t": "Compliance Error"})).error();
    assert_eq!(
        error.r#type,
        "https://serverlessworkflow.io/dsl/errors/types/compliance"
    );
    assert_eq!(
        (error.status, error.title.as_deref()),
        (400, Some("Compliance Error"))
    );
    assert_eq!(error.instance.as_deref(), Some("/do/0/raiseError"));
}

#[test]
fn a_raised_error_that_is_none_is_an_expression_error() {
    for error in [
        "{type: 'https://e/x', status: '${ .no }'}",
        "{type: '${ 1 }', status: 400}",
    ] {
        let error = play(
            &format!("do:\n  - r: {{raise: {{error: {error}}}}}\n"),
            json!({"no": 42}),
        )
        .error();
        assert_eq!((kind(&error), error.status), ("expression", 400));
    }
}

#[test]
fn an_expression_that_fails_faults_the_task_it_is_in() {
    let error = play(
        "do:\n  - a: {do: [{b: {set: {x: '${ 1 + {} }'}}}]}\n",
        Value::Null,
    )
    .error();
    assert_eq!((kind(&error), error.status), ("expression", 400));
    assert_eq!(error.instance.as_deref(), Some("/do/0/a/do/0/b"));
}

#[test]
fn cancel_ends_the_run_whatever_it_does() {
    let mut run = play("do:\n  - a: {call: noop}\n", Value::Null);
    run.call();
    run.inbox(levqor_engine::InboxItemKind::Cancel(json!({"by": "ada"})));
    run.answer(Ok(json!(1)));
    assert_eq!(run.step(), Action::End(Outcome::Cancelled));
    assert_eq!(run.trace(), ["cancelled"]);
    assert_eq!(run.machine.inbox_folded(), 1);
}

#[test]
fn a_cancel_before_the_end_is_committed_wins() {
    let mut run = play("do:\n  - a: {set: {x: 1}}\n", Value::Null);
    assert_eq!(run.step(), Action::End(Outcome::Completed(json!({"x": 1}))));
    run.inbox(levqor_engine::InboxItemKind::Cancel(Value::Null));
    assert_eq!(run.step(), Action::End(Outcome::Cancelled));
}
