//! `input`, `output`, `export`, schemas and the variables an expression sees.

use serde_json::{Value, json};

use crate::play::{START, TOOK, kind, play};

#[test]
fn data_flows_from_input_from_through_output_as_to_the_next_task() {
    let tasks = "input: {from: .order}
output: {as: '{final: ., was: $input.id}'}
do:
  - price:
      input: {from: '{id, qty: (.qty * 2)}'}
      call: price
      with: {id: '${ .id }', qty: '${ .qty }', raw: '${ $task.input.qty }'}
      output: {as: '{total: .total, id: $input.id}'}
      export: {as: '{seen: .total, before: $context}'}
  - show: {set: {got: '${ . }', context: '${ $context }'}}
";
    let mut run = play(tasks, json!({"order": {"id": "o1", "qty": 2}})).answers([Ok(json!({"total": 40}))]);
    let call = run.call();
    let levqor_engine::CallKind::Activity { name, input } = call.kind else {
        panic!("no activity")
    };
    assert_eq!(
        (name.as_str(), input),
        ("price", json!({"id": "o1", "qty": 4, "raw": 2}))
    );
    let shown = json!({"got": {"total": 40, "id": "o1"}, "context": {"seen": 40, "before": null}});
    assert_eq!(run.output(), json!({"final": shown, "was": "o1"}));
}

#[test]
fn an_if_sees_the_raw_input() {
    let tasks = "do:\n  - a: {if: .raw, input: {from: '{raw: false}'}, set: {ran: '${ .raw }'}}\n";
    assert_eq!(play(tasks, json!({"raw": true})).output(), json!({"ran": false}));
}

#[test]
fn absent_input_is_an_empty_object() {
    assert_eq!(
        play("do:\n  - a: {set: {got: '${ . }'}}\n", Value::Null).output(),
        json!({"got": {}})
    );
}

#[test]
fn outputs_may_be_scalars() {
    assert_eq!(
        play("do:\n  - a: {set: '${ 40 + 2 }'}\n", Value::Null).output(),
        json!(42)
    );
}

#[test]
fn schemas_are_checked_where_the_specification_says() {
    let schema = "{schema: {format: json, document: {type: object, required: [id]}}}";
    for (document, input, instance) in [
        (
            format!("input: {schema}\ndo:\n  - a: {{set: {{id: 1}}}}\n"),
            json!({}),
            "/input",
        ),
        (
            format!("output: {schema}\ndo:\n  - a: {{set: {{x: 1}}}}\n"),
            json!({}),
            "/output",
        ),
        (
            format!("do:\n  - a: {{input: {schema}, set: {{id: 1}}}}\n"),
            json!({}),
            "/do/0/a",
        ),
        (
            format!("do:\n  - a: {{output: {schema}, set: {{x: 1}}}}\n"),
            json!({}),
            "/do/0/a",
        ),
        (
            format!(
                "do:\n  - a: {{export: {}, set: {{x: 1}}}}\n",
                schema.replace("{schema", "{as: '{y: 1}', schema")
            ),
            json!({}),
            "/do/0/a",
        ),
    ] {
        let error = play(&document, input).error();
        assert_eq!((kind(&error), error.status), ("validation", 400), "{document}");
        assert_eq!(error.instance.as_deref(), Some(instance), "{document}");
    }
    let passes = format!("input: {schema}\noutput: {schema}\ndo:\n  - a: {{set: {{id: 1}}}}\n");
    assert_eq!(play(&passes, json!({"id": 0})).output(), json!({"id": 1}));
}

#[test]
fn formats_are_checked() {
    let document = "input: {schema: {format: json, document: {properties: {mail: {format: email}}}}}
do:
  - a: {set: {ok: true}}
";
    assert_eq!(
        kind(&play(document, json!({"mail": "nobody"})).error()),
        "validation"
    );
    assert_eq!(
        play(document, json!({"mail": "ada@example.com"})).output(),
        json!({"ok": true})
    );
}

#[test]
fn the_arguments_say_who_and_where_and_when() {
    let tasks = "do:
  - first: {call: noop}
  - second:
      set:
        task: '${ $task | {name, reference, input, startedAt, kind: (.definition | keys)} }'
        workflow: '${ $workflow | {id, input, startedAt: .startedAt.epoch.milliseconds, name: .definition.document.name} }'
        runtime: '${ $runtime.name }'
";
    let output = play(tasks, json!({"n": 1})).answers([Ok(json!(5))]).output();
    let at = START + TOOK;
    assert_eq!(output["task"]["name"], "second");
    assert_eq!(output["task"]["reference"], "/do/1/second");
    assert_eq!(output["task"]["input"], 5);
    assert_eq!(output["task"]["kind"], json!(["set"]));
    assert_eq!(output["task"]["startedAt"]["epoch"]["milliseconds"], at / 1_000);
    assert_eq!(output["task"]["startedAt"]["iso8601"], "2025-11-22T09:20:00.001Z");
    let workflow =
        json!({"id": "0197b3c2-run", "input": {"n": 1}, "startedAt": START / 1_000, "name": "played"});
    assert_eq!(output["workflow"], workflow);
    assert_eq!(output["runtime"], "levqor");
}

#[test]
fn a_variable_that_is_not_there_is_an_expression_error() {
    assert_eq!(
        kind(&play("do:\n  - a: {set: {x: '${ $item }'}}\n", Value::Null).error()),
        "expression"
    );
}

#[test]
fn a_call_whose_output_cannot_be_transformed_has_failed_after_its_effect() {
    let mut run =
        play("do:\n  - a: {call: noop, output: {as: '.x.y'}}\n", Value::Null).answers([Ok(json!({"x": 1}))]);
    assert_eq!(kind(&run.error()), "expression");
    assert_eq!(
        (run.trace(), run.calls.len()),
        (vec!["failed /do/0/a".to_owned()], 1)
    );
}
