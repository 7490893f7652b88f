//! The fast path gives exactly what jaq gives.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::{LazyLock, atomic::Ordering};

use common::{PATIENT, options};
use levqor_expressions::{Evaluate, Evaluator, Expression};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

static EVALUATOR: LazyLock<Evaluator> = LazyLock::new(|| Evaluator::new(options(PATIENT)));

/// The same expression as one the fast path does not know, which leaves its outputs as they are.
fn for_the_helper(source: &str) -> String {
    format!("def same: .; ({source}) | same")
}

fn agree(source: &str, input: &Value, item: &Value) {
    let evaluate = |source: &str| {
        let expression = Expression::parse(source).unwrap();
        let value = EVALUATOR.evaluate(&expression, input, &[("item", item)]);
        value.map(|value| value.to_string())
    };
    assert_eq!(
        evaluate(source),
        evaluate(&for_the_helper(source)),
        "{source} on {input} with {item}"
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-40_i32..40).prop_map(|quarters| json!(f64::from(quarters) / 4.0)),
        any::<f64>().prop_map(|float| json!(float)),
        Just(json!(-0.0)),
        "[a-c]{0,2}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What most paths of [`expression`] find something in.
fn document() -> impl Strategy<Value = Value> {
    let object = (json_value(), -9_i64..9, "[a-c]{0,3}");
    let object = object.prop_map(|(a, b, c)| json!({"a": a, "b": b, "c": c}));
    prop_oneof![3 => object, 1 => json_value()]
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => Just(".".to_owned()),
        4 => "[a-c]".prop_map(|key| format!(".{key}")),
        2 => "[a-c]".prop_map(|key| format!(".{key}?")),
        2 => (-3_i32..4).prop_map(|index| format!(".[{index}]")),
        1 => (-3_i32..4).prop_map(|index| format!(".[{index}]?")),
        2 => Just("$item".to_owned()),
        1 => "[a-c]".prop_map(|key| format!("$item[\"{key}\"]?")),
        2 => (-5_i64..6).prop_map(|number| number.to_string()),
        1 => prop::sample::select(vec!["1.5", "0.25", "2.0", "-2.5", "1e3", "9223372036854775807", "0.1"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["null", "true", "false", "\"\"", "\"ab\"", "\"\\u00e9\\n\"", "[]", "{}"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["not", "length", "type"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (
                two.clone(),
                prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="])
            )
                .prop_map(|((left, right), op)| format!("({left}) {op} ({right})")),
            (two.clone(), prop::sample::select(vec!["+", "-", "*", "/", "%"]))
                .prop_map(|((left, right), op)| format!("({left}) {op} ({right})")),
            (two.clone(), prop::sample::select(vec!["and", "or", "//", "|"]))
                .prop_map(|((left, right), op)| format!("({left}) {op} ({right})")),
            two.clone().prop_map(|(left, right)| format!("[{left}, {right}]")),
            two.clone()
                .prop_map(|(left, right)| format!("{{a: ({left}), \"b\": ({right}), c}}")),
            two.clone()
                .prop_map(|(left, right)| format!("{{a: 1, ({left}): ({right}), $item}}")),
            two.clone().prop_map(|(left, right)| format!("({left})[{right}]")),
            two.clone()
                .prop_map(|(left, right)| format!("({left})?.a?[{right}]?")),
            two.clone()
                .prop_map(|(left, right)| format!("\"x\\({left})-\\({right})\"")),
            (two.clone(), inner.clone())
                .prop_map(|((when, then), otherwise)| format!("if {when} then {then} else {otherwise} end")),
            two.clone()
                .prop_map(|(left, right)| format!("({left}) | startswith({right})")),
            two.prop_map(|(left, right)| format!("(({left}).b, ({right})) as $x | $x")),
        ]
    })
}

#[test]
fn random_expressions_agree() {
    let mut runner = TestRunner::new(Config {
        cases: 3000,
        failure_persistence: None,
        ..Config::default()
    });
    let cases = (expression(), document(), json_value());
    runner
        .run(&cases, |(source, input, item)| {
            agree(&source, &input, &item);
            Ok(())
        })
        .unwrap();
    // Each case has one evaluation that the helper must do; of the others the fast path does its share.
    let fast = EVALUATOR.stats().fast.load(Ordering::Relaxed);
    assert!(fast > 1000, "{fast}");
}

#[test]
fn corner_cases_agree() {
    let input =
        json!({"a": [1, 2.0, "x"], "b": {"c": -0.0}, "big": u64::MAX, "float": 9_007_199_254_740_993_i64});
    let sources = [
        ".a == [1, 2, \"x\"]",
        "{a: 4/2}.a",
        "{a: 4/2} | .a % 2",
        ".a[.b.c]?",
        ".big",
        ".big + 0",
        "-.b.c",
        "1/3",
        "10/2",
        ".a[5/5]",
        "\"\\(10/2)\"",
        "\"\\(.b.c) \\(.big)\"",
        "1.50",
        "\"\\(1.50)\"",
        "1e1000",
        "00.5",
        "007",
        ".float / 1 == .float",
        ".float * 1.0",
        ".a < .b",
        "{} < {a: 1}",
        "[1] < [1, 2]",
        "[1, {}] < [1, {}]",
        "null < false",
        "\"a\" < \"b\"",
        "(1/0) > 5",
        "(0/0) == (0/0)",
        "-9223372036854775808",
        "-9223372036854775808 % -1",
        "9223372036854775807 + 1",
        "1 % 0",
        "5 % -3",
        "-5 % 3",
        "5.5 % 2",
        "{a: 1, b: 2, a: 3}",
        "{b: 1} + {a: 2} + {b: 3}",
        "{a: 1} * {b: 2}",
        "\"ab\" * 2",
        "\"a,b\" / \",\"",
        "[1, 2] - [1]",
        ".a[1:]",
        ".a[{}]?",
        ".a[[]]",
        "null | .[\"x\"][0]",
        "{} | .[0]",
        "\"abc\"[0]",
        "\"abc\"[0]?",
        ".a[\"x\"]?",
        "[.a[\"x\"]?]",
        ".a[\"x\"]? // 1",
        "{x: .a[\"x\"]?}",
        "[.a?[error]?]",
        "(.a[\"x\"]?)[error]",
        ".a[\"x\"]?[error]",
        "true | length",
        "-3 | length",
        "\"\\u0000\\u007f\\uffff\"",
        "[\"\\u007f\"] | tostring",
        "not",
        "if empty then 1 else 2 end",
        "(empty) + 1",
        "\"é\" | length",
    ];
    for source in sources {
        agree(source, &input, &Value::Null);
    }
}

#[test]
fn work_beyond_the_budget_goes_to_the_helper() {
    let doubling = vec!["{a: ., b: .}"; 40].join(" | ");
    let before = EVALUATOR.stats().slow.load(Ordering::Relaxed);
    let error = EVALUATOR
        .evaluate(&Expression::parse(&doubling).unwrap(), &json!(1), &[])
        .unwrap_err();
    assert_eq!(error.0, "the result is larger than 1048576 bytes");
    let large = json!("x".repeat(2_000_000));
    let error = EVALUATOR
        .evaluate(&Expression::parse(".").unwrap(), &large, &[])
        .unwrap_err();
    assert_eq!(error.0, "the result is larger than 1048576 bytes");
    assert!(EVALUATOR.stats().slow.load(Ordering::Relaxed) >= before + 2);
}
