//! Random documents made of every construct, small enough to run to their end.

use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Union};
use serde_json::{Map, Value, json};

/// What follows `document` of a document: an object as JSON text, which is YAML too.
pub(crate) fn documents() -> impl Strategy<Value = Value> {
    (
        tasks(3),
        option::weighted(0.2, select(vec!["PT2S", "PT40S"])),
        option::of(expression()),
    )
        .prop_map(|(tasks, timeout, output)| {
            let mut document = json!({
                "document": {"dsl": "1.0.3", "namespace": "test", "name": "random", "version": "1.0.0"},
                "do": tasks,
            });
            if let Some(after) = timeout {
                document["timeout"] = json!({ "after": after });
            }
            if let Some(output) = output {
                document["output"] = json!({ "as": output });
            }
            document
        })
}

/// Most work everywhere; a few fail at times, or always: that is a path to test as well.
fn expression() -> impl Strategy<Value = &'static str> {
    let anywhere = vec![
        "${ . }",
        "${ {n: 1} }",
        "${ {n: 2, items: [3]} }",
        "${ $context }",
        "${ $input }",
        "${ [., 1] | flatten }",
        "${ $task.startedAt.epoch.milliseconds }",
    ];
    let somewhere = vec![
        "${ .n }",
        "${ [$item, $index] }",
        "${ $error.status }",
        "${ 1 + [] }",
    ];
    prop_oneof![9 => select(anywhere), 1 => select(somewhere)]
}

fn condition() -> impl Strategy<Value = &'static str> {
    select(vec![
        "${ true }",
        "${ . != null }",
        "${ .n == 1 }",
        "${ $index != 1 }",
        "${ false }",
    ])
}

fn tasks(depth: u32) -> BoxedStrategy<Value> {
    vec((kind(depth), common(), any::<u8>()), 1..4)
        .prop_map(|tasks| {
            let count = tasks.len();
            let named = |(index, (kind, common, choice)): (usize, (Value, Value, u8))| {
                let mut task = merged(kind, common);
                if task.get("switch").is_none() {
                    jump(&mut task, choice, count);
                }
                let mut task = json!({ format!("t{index}"): task });
                cases(&mut task[format!("t{index}")], choice, count);
                task
            };
            Value::Array(tasks.into_iter().enumerate().map(named).collect())
        })
        .boxed()
}

/// A `then`, backwards now and again.
fn jump(task: &mut Value, choice: u8, count: usize) {
    let then = match choice {
        0..=9 => format!("t{}", usize::from(choice) % count),
        10..=14 => "exit".to_owned(),
        15..=18 => "end".to_owned(),
        _ => return,
    };
    task["then"] = json!(then);
}

fn cases(task: &mut Value, choice: u8, count: usize) {
    if task.get("switch").is_some() {
        let target = format!("t{}", usize::from(choice) % count);
        task["switch"] = json!([
            {"first": {"when": "${ . == {n: 1} }", "then": "continue"}},
            {"second": {"when": "${ . == null }", "then": if choice < 200 { "exit" } else { &target }}},
            {"rest": {"then": "continue"}},
        ]);
    }
}

/// Properties every task may have.
fn common() -> impl Strategy<Value = Value> {
    let rarely = |strategy: BoxedStrategy<&'static str>| option::weighted(0.15, strategy);
    let schema = json!({"format": "json", "document": {"type": ["object", "number", "array"]}});
    (
        rarely(condition().boxed()),
        rarely(expression().boxed()),
        rarely(expression().boxed()),
        rarely(expression().boxed()),
        option::weighted(0.1, select(vec!["PT0S", "PT3S", "PT30S"])),
        prop::bool::weighted(0.1),
    )
        .prop_map(move |(condition, from, out, export, timeout, checked)| {
            let mut common = Map::new();
            let mut put =
                |key: &str, value: Option<Value>| value.map(|value| common.insert(key.to_owned(), value));
            put("if", condition.map(|condition| json!(condition)));
            put("input", from.map(|from| json!({ "from": from })));
            let schema = checked.then(|| schema.clone());
            put(
                "output",
                match (out, schema) {
                    (Some(out), Some(schema)) => Some(json!({"as": out, "schema": schema})),
                    (Some(out), None) => Some(json!({ "as": out })),
                    (None, Some(schema)) => Some(json!({ "schema": schema })),
                    (None, None) => None,
                },
            );
            put("export", export.map(|export| json!({ "as": export })));
            put("timeout", timeout.map(|after| json!({ "after": after })));
            Value::Object(common)
        })
}

fn kind(depth: u32) -> BoxedStrategy<Value> {
    let correlate = json!({"k": {"from": "${ .data.k }"}});
    let told = json!({"with": {"type": "told", "data": "${ .n != 2 }"}, "correlate": correlate});
    let mut kinds = vec![
        (3, expression().prop_map(|value| json!({"set": value})).boxed()),
        (
            4,
            expression()
                .prop_map(|value| json!({"call": "activity", "with": {"given": value}}))
                .boxed(),
        ),
        (
            1,
            Just(json!({"call": "http", "with": {"method": "get", "endpoint": "https://h.example/{id}"}}))
                .boxed(),
        ),
        (
            2,
            select(vec!["PT0S", "PT1S", "PT10S"])
                .prop_map(|wait| json!({"wait": wait}))
                .boxed(),
        ),
        (1, Just(json!({"switch": []})).boxed()),
        (
            1,
            Just(json!({"raise": {"error": {"type": "https://e.example/raised", "status": 500}}})).boxed(),
        ),
        (
            2,
            Just(json!({"emit": {"event": {"with": {"type": "told", "data": "${ . }"}}}})).boxed(),
        ),
        (2, Just(json!({"listen": {"to": {"one": told}}})).boxed()),
    ];
    if let Some(depth) = depth.checked_sub(1) {
        kinds.push((2, tasks(depth).prop_map(|tasks| json!({"do": tasks})).boxed()));
        kinds.push((4, loops(depth)));
        kinds.push((14, tries(depth)));
    }
    Union::new_weighted(kinds).boxed()
}

fn loops(depth: u32) -> BoxedStrategy<Value> {
    (
        tasks(depth),
        select(vec!["${ [1, 2] }", "${ [range(3)] }", "${ [] }", "${ [.] }"]),
        option::of(condition()),
    )
        .prop_map(|(tasks, items, condition)| {
            let mut task = json!({"for": {"each": "item", "in": items}, "do": tasks});
            if let Some(condition) = condition {
                task["while"] = json!(condition);
            }
            task
        })
        .boxed()
}

fn tries(depth: u32) -> BoxedStrategy<Value> {
    let retry = json!({"delay": {"seconds": 1}, "backoff": {"linear": {}}, "limit": {"attempt": {"count": 2, "duration": {"seconds": 8}}}});
    let at_once = json!({"limit": {"attempt": {"count": 1}}});
    let errors = json!({"with": {"type": "https://serverlessworkflow.io/spec/1.0.0/errors/communication"}});
    (
        tasks(depth),
        option::of(select(vec![retry, at_once])),
        option::of(tasks(0)),
        option::weighted(0.1, Just(errors)),
        option::weighted(0.1, select(vec!["${ $error.status > 404 }", "${ 1 + [] }"])),
    )
        .prop_map(|(tasks, retry, handler, errors, when)| {
            let mut catch = Map::new();
            let mut put =
                |key: &str, value: Option<Value>| value.map(|value| catch.insert(key.to_owned(), value));
            put("retry", retry);
            put("do", handler);
            put("errors", errors);
            put("when", when.map(|when| json!(when)));
            json!({"try": tasks, "catch": catch})
        })
        .boxed()
}

fn merged(kind: Value, common: Value) -> Value {
    match (kind, common) {
        (Value::Object(mut kind), Value::Object(common)) => {
            kind.extend(common);
            Value::Object(kind)
        }
        (kind, _) => kind,
    }
}
