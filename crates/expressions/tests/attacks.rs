//! Hostile expressions: each ends as an error in time, and the next evaluation is not disturbed.
#![expect(clippy::unwrap_used, reason = "tests")]

mod common;

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use common::{PATIENT, options};
use levqor_expressions::{Evaluate, Evaluator, Expression, ExpressionError, Options};
use serde_json::{Value, json};

/// Of attacks that only time stops.
const LIMIT: Duration = Duration::from_millis(700);

fn run(evaluator: &Evaluator, source: &str, input: &Value) -> Result<Value, ExpressionError> {
    evaluator.evaluate(&Expression::parse(source)?, input, &[])
}

/// Every attack is an error before `PATIENT` has passed, and its helper or the next one works.
fn survive(evaluator: &Evaluator, attacks: &[&str], expected: &[&str]) {
    for attack in attacks {
        let begun = Instant::now();
        let error = run(evaluator, attack, &json!({"a": 1})).unwrap_err();
        assert!(begun.elapsed() < PATIENT, "{attack}");
        assert!(
            expected.iter().any(|part| error.0.contains(part)),
            "{attack}: {error}"
        );
        assert_alive(evaluator, attack);
    }
}

/// Asked with patience: after an attack a new helper may have to start on a loaded machine.
fn assert_alive(evaluator: &Evaluator, attack: &str) {
    let deadline = Instant::now() + PATIENT;
    loop {
        match run(evaluator, "[.a] | map(. + 1)", &json!({"a": 1})) {
            Ok(value) => break assert_eq!(value, json!([2])),
            Err(error) => assert!(Instant::now() < deadline, "after {attack}: {error}"),
        }
    }
}

#[test]
fn endless_loops_are_killed_at_the_time_limit() {
    let evaluator = Evaluator::new(options(LIMIT));
    let loops = [
        "def f: f; f",
        "last(range(3e15))",
        "first(repeat(empty))",
        "last(repeat(1))",
        "def f: . | f; [f]",
    ];
    survive(&evaluator, &loops, &["took longer than 700 ms"]);
    assert!(evaluator.stats().deaths.load(Ordering::Relaxed) >= 5);
}

#[test]
fn memory_bombs_die_at_the_memory_limit() {
    let evaluator = Evaluator::new(Options {
        memory: 64 * 1024 * 1024,
        ..options(PATIENT)
    });
    let bombs = [
        "[range(1e9)]",
        "\"x\" * 3000000000",
        "[range(0;10;0)]",
        "reduce range(40) as $i (\"0123456789\"; . + .)",
    ];
    survive(&evaluator, &bombs, &["too much memory", "larger than"]);
}

#[test]
fn deep_recursion_is_an_error() {
    let evaluator = Evaluator::new(options(PATIENT));
    let recursions = [
        "def f: 1 + f; f",
        "reduce range(0; 300000) as $i (0; [.])",
        "\"[\" * 1000000 | fromjson",
    ];
    survive(
        &evaluator,
        &recursions,
        &["too deeply", "too much memory", "nests deeper", "cannot parse"],
    );
}

/// With the limits of production each attack ends of one cause or another.
#[test]
fn nothing_survives_the_default_limits() {
    let helper = options(PATIENT).helper;
    let evaluator = Evaluator::new(Options::new(helper));
    let attacks = [
        "def f: f; f",
        "[range(1e4) as $a | range(1e4) as $b | range(1e4) as $c | [$a, $b, $c]]",
        "[limit(1e9; repeat(1))]",
        "[recurse([.])]",
        "[limit(1000000; repeat(\"[\"))] | add | fromjson",
        "reduce range(0; 2000000) as $i (0; [.])",
        "\"x\" * 3000000000",
        "reduce range(1e7) as $i (1; . * 3)",
        "[range(1e6)] | sort_by(-.) | group_by(. % 7)",
        "\"a\" * 100000 | test(\"(a*)*b\"), gsub(\"a\"; \"bb\")",
    ];
    survive(
        &evaluator,
        &attacks,
        &[
            "took longer than 500 ms",
            "too much memory",
            "too deeply",
            "larger than",
        ],
    );
}

#[test]
fn a_shared_value_of_two_to_the_sixtieth_stops_at_the_size_limit() {
    let evaluator = Evaluator::new(options(PATIENT));
    survive(
        &evaluator,
        &["reduce range(0;60) as $i ([1]; [., .])"],
        &["larger than 1048576 bytes"],
    );
    survive(
        &evaluator,
        &["reduce range(0;60) as $i ([1]; [., .]) | error"],
        &["…"],
    );
    assert_eq!(evaluator.stats().deaths.load(Ordering::Relaxed), 0);
}

#[test]
fn results_are_bounded_in_size_and_depth() {
    let evaluator = Evaluator::new(options(PATIENT));
    survive(
        &evaluator,
        &["\"x\" * 2000000", "[range(1e6)]"],
        &["larger than 1048576 bytes"],
    );
    survive(
        &evaluator,
        &["reduce range(200) as $i (0; [.])"],
        &["nests deeper than 127 levels"],
    );
}

#[test]
fn what_json_cannot_hold_is_an_error() {
    let evaluator = Evaluator::new(options(PATIENT));
    let values = [
        "nan",
        "[nan]",
        "1/0",
        "infinite",
        "-infinite",
        "{a: (0/0)}",
        "{(1): 2}",
        "\"a\" | tobytes",
        "1e1000",
    ];
    survive(&evaluator, &values, &["which JSON cannot", "not a string"]);
}

#[test]
fn an_expression_has_one_output() {
    let evaluator = Evaluator::new(options(PATIENT));
    survive(
        &evaluator,
        &["1, 2", ".[], .[]", "range(10)"],
        &["more than one output"],
    );
    for source in ["empty", ".a?.b?", ".[] | select(. == 2)", "first(empty)"] {
        assert_eq!(
            run(&evaluator, source, &json!({"a": 1})),
            Ok(Value::Null),
            "{source}"
        );
    }
}

#[test]
fn what_reaches_outside_does_not_parse() {
    for source in [
        "env",
        "env.PATH",
        "$ENV.PATH",
        "halt",
        "halt(3)",
        "halt_error",
        "now",
        "localtime",
        "input",
        "debug",
    ] {
        assert!(Expression::parse(source).is_err(), "{source}");
    }
}

#[test]
fn sources_made_to_overflow_the_parser_are_refused_or_harmless() {
    let evaluator = Evaluator::new(options(PATIENT));
    assert!(Expression::parse(&"[".repeat(50_000)).is_err());
    assert!(Expression::parse(&"1+".repeat(50_000)).is_err());
    for source in [
        format!("{}1", "-".repeat(8000)),
        format!("{}1", "1+".repeat(4000)),
        format!("{}1", "1|".repeat(4000)),
    ] {
        // Whether jaq gets through it or dies of it, the evaluator goes on.
        let _ = run(&evaluator, &source, &Value::Null);
        assert_alive(&evaluator, &source[..20]);
    }
}
