//! Results, the pool of helpers, and what a helper can see.

mod common;

use std::{fs, path::Path, sync::atomic::Ordering, thread};

use common::{PATIENT, options};
use levqor_expressions::{Evaluate, Evaluator, Expression, ExpressionError};
use serde_json::{Value, json};

fn run(evaluator: &Evaluator, source: &str, input: &Value) -> Result<Value, ExpressionError> {
    evaluator.evaluate(&Expression::parse(source)?, input, &[])
}

#[test]
fn expressions_of_every_kind_give_what_jq_gives() {
    let evaluator = Evaluator::new(options(PATIENT));
    let input = json!({"items": [{"id": 1, "n": 2.5}, {"id": 2, "n": 4}], "name": "Ada", "none": null});
    let rows = [
        (".items | map(.n) | add", json!(6.5)),
        ("[.items[] | select(.n > 3).id]", json!([2])),
        (".items | length", json!(2)),
        (".items[-1].n / 2", json!(2)),
        (
            "\"Hello \\(.name), \\(.items | length) items\"",
            json!("Hello Ada, 2 items"),
        ),
        (".none // \"x\"", json!("x")),
        (
            ". + {status: \"sold\"} | keys",
            json!(["items", "name", "none", "status"]),
        ),
        (".items | to_entries | from_entries", Value::Null),
        ("[.items[].id] | index(2)", json!(1)),
        ("\"2026-01-02T03:04:05Z\" | fromdate", json!(1_767_323_045)),
        ("@base64 \"\\(.name)\"", json!("QWRh")),
        ("[.name | match(\"d\").offset]", json!([1])),
        ("getpath([\"items\", 0, \"id\"])", json!(1)),
        ("12345678901234567890", json!(12_345_678_901_234_567_890_u64)),
    ];
    for (source, expected) in rows {
        match run(&evaluator, source, &input) {
            Ok(value) => assert_eq!(value, expected, "{source}"),
            Err(error) => assert_eq!(expected, Value::Null, "{source}: {error}"),
        }
    }
}

#[test]
fn simple_expressions_need_no_helper() {
    let mut options = options(PATIENT);
    options.helper.program = "/nonexistent".into();
    let evaluator = Evaluator::new(options);
    let context = json!({"userId": 7});
    let simple = [
        ".",
        ".a.b",
        ".a[\"b\"]",
        ".list[0]",
        ".list[-1]?",
        "$context.userId == 7",
        ".a.b > 1 and (.x | not)",
        "{id: .a.b, list: [.a, $context]}",
        ".x // \"d\"",
        ". + {status: \"sold\"}",
        "\"id-\\(.a.b)\"",
        ".a.b * 2 + 1",
        "if .a then 1 else 2 end",
        ".list | length",
        "null",
        "-1.5",
        "\"https://x\" | startswith(\"https\")",
    ];
    for source in simple {
        let expression = Expression::parse(source).unwrap();
        let input = json!({"a": {"b": 2}, "list": [1]});
        assert!(
            evaluator
                .evaluate(&expression, &input, &[("context", &context)])
                .is_ok(),
            "{source}"
        );
    }
    assert_eq!(evaluator.stats().fast.load(Ordering::Relaxed), 17);
    let error = run(&evaluator, "map(1)", &json!([])).unwrap_err();
    assert_eq!(error.0, "the expression helper cannot be started");
}

#[test]
fn variables_are_bound_by_name() {
    let evaluator = Evaluator::new(options(PATIENT));
    let expression = Expression::parse("[$b, $a, (. as $x | $x)] | map(. * 10)").unwrap();
    assert_eq!(expression.variables().collect::<Vec<_>>(), ["a", "b"]);
    let (one, two) = (json!(1), json!(2));
    let variables = [("a", &one), ("unused", &one), ("b", &two)];
    assert_eq!(
        evaluator.evaluate(&expression, &json!(3), &variables),
        Ok(json!([20, 10, 30]))
    );
    let error = evaluator
        .evaluate(&expression, &json!(3), &[("a", &one)])
        .unwrap_err();
    assert_eq!(error.0, "`$b` is not known here");
}

#[test]
fn a_value_that_changes_between_evaluations_is_sent_again() {
    let mut options = options(PATIENT);
    options.helpers = 1;
    let evaluator = Evaluator::new(options);
    for number in 0..100 {
        let input = json!({"n": number / 3});
        assert_eq!(run(&evaluator, "[.n] | first", &input), Ok(json!(number / 3)));
    }
    // More variables than a helper keeps.
    for number in 0..100 {
        let name = format!("v{number}");
        let expression = Expression::parse(&format!("[${name}] | first")).unwrap();
        let value = json!(number);
        assert_eq!(
            evaluator.evaluate(&expression, &Value::Null, &[(&name, &value)]),
            Ok(json!(number))
        );
    }
    assert_eq!(evaluator.stats().deaths.load(Ordering::Relaxed), 0);
}

#[test]
fn eight_threads_share_two_helpers() {
    let evaluator = Evaluator::new(options(PATIENT));
    thread::scope(|scope| {
        for thread in 0..8 {
            let evaluator = evaluator.clone();
            scope.spawn(move || {
                for round in 0..50 {
                    let input = json!({"thread": thread, "round": round});
                    let value = run(&evaluator, "[.thread, .round] | map(. + 0)", &input);
                    assert_eq!(value, Ok(json!([thread, round])));
                }
            });
        }
    });
    assert_eq!(evaluator.stats().slow.load(Ordering::Relaxed), 400);
}

#[test]
fn a_killed_neighbour_disturbs_nobody() {
    let evaluator = Evaluator::new(options(PATIENT));
    thread::scope(|scope| {
        let attacker = evaluator.clone();
        scope.spawn(move || {
            for _ in 0..3 {
                assert!(run(&attacker, "def f: 1 + f; f", &Value::Null).is_err());
            }
        });
        for _ in 0..200 {
            assert_eq!(run(&evaluator, "[.] | map(. + 1)", &json!(1)), Ok(json!([2])));
        }
    });
}

#[test]
fn the_helper_inherits_no_environment() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("environment");
    let mut options = options(PATIENT);
    let helper = options.helper.program.clone();
    options.helper.program = "/bin/sh".into();
    let script = format!(
        "tr '\\0' '\\n' < /proc/self/environ > {}; exec {}",
        seen.display(),
        helper.display()
    );
    options.helper.args = vec!["-c".into(), script.into()];
    assert_eq!(
        run(&Evaluator::new(options), "[.] | first", &json!(1)),
        Ok(json!(1))
    );
    assert!(std::env::vars_os().any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
    assert_eq!(fs::read_to_string(seen).unwrap(), "");
}

/// Every `${ … }` and bare expression of the specification's examples, when they are beside the project.
#[test]
fn expressions_of_the_specification_examples_parse() {
    let folder = std::env::var_os("LEVQOR_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"),
        Into::into,
    );
    let Ok(examples) = fs::read_dir(folder.join("ows/examples")) else {
        eprintln!("skipped: no conformance data at {}", folder.display());
        return;
    };
    let mut parsed = 0;
    for example in examples {
        let text = fs::read_to_string(example.unwrap().path()).unwrap();
        for line in text.lines() {
            if let Some(source) = expression_in(line) {
                Expression::parse(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
                parsed += 1;
            }
        }
    }
    assert!(parsed > 30, "{parsed}");
}

fn expression_in(line: &str) -> Option<String> {
    let (key, value) = line.split_once(": ")?;
    let value = value.trim().trim_matches('\'');
    let inner = value.strip_prefix("${").and_then(|value| value.strip_suffix('}'));
    let bare = matches!(
        key.trim().trim_start_matches("- "),
        "if" | "when" | "while" | "until" | "from" | "in" | "as"
    );
    inner
        .or((bare && (value.starts_with('.') || value.starts_with('$'))).then_some(value))
        .map(Into::into)
}
