//! Whatever comes in: no panic, no long work, and places that exist.

use std::time::{Duration, Instant};

use crate::documents::{lines, parsed, tasks, top};
use levqor_workflow::{Known, duration, limits, parse};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Far above what any input may take in an unoptimised build on a busy machine.
const LONG: Duration = Duration::from_secs(10);

const GOOD: &str = r#"document: {dsl: '1.0.3', namespace: test, name: test, version: '1.0.0', tags: {a: b}}
input: {schema: {document: {type: object, properties: {a: {type: string, pattern: '^a+$'}}}}, from: .}
use: {errors: {e: {type: about:blank, status: 500}}, retries: {r: {delay: PT1S}}, timeouts: {t: {after: PT1M}}}
timeout: t
schedule: {cron: '*/5 * * * *'}
do:
  - a: {if: .go, set: {b: '${ .c }', d: [1, 2.5, null, "x\ty"]}, then: c, export: {as: '{x: 1}'}}
  - b: {call: http, with: {method: get, endpoint: 'https://example.com/{id}', headers: {x: y}}}
  - c:
      try: [{d: {call: charge, with: {n: 1}}}]
      catch: {errors: {with: {status: 500}}, retry: r, do: [{e: {raise: {error: e}}}]}
  - f: {for: {each: x, in: [1, 2]}, while: .go, do: [{g: {wait: {seconds: 1}}}]}
  - h: {switch: [{i: {when: .j, then: a}}, {k: {then: end}}]}
  - l: {listen: {to: {one: {with: {type: t}, correlate: {m: {from: .n}}}}, read: raw}}
  - o: {emit: {event: {with: {type: t, data: {p: '${ . }'}}}}}
"#;

fn parse_quickly(text: &[u8]) {
    let begun = Instant::now();
    if let Err(problems) = parse(text, &Known::default()) {
        assert!(!problems.is_empty());
        let lines = text.split(|byte| *byte == b'\n').count();
        assert!(
            problems
                .iter()
                .all(|problem| (1..=lines + 1).contains(&problem.line)),
            "{problems:#?}"
        );
    }
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
}

#[test]
fn the_document_to_mutate_is_good() {
    parsed(GOOD).unwrap();
}

#[test]
fn large_and_repetitive_texts_end_quickly() {
    let repeated = |unit: &str| unit.repeat(500_000 / unit.len());
    for unit in [
        "[", "{", "- ", "? ", "a: ", "!", "&a ", "*a ", "\"", "'", "|\n", "#", "%", "\n", " ", "\t", "- a\n",
        "a\n", "a: b\n", "{a: ", "[a, ", "]", "}", ",", "{,", "[[],", "- - \n", "-\n", "---\n", "...\n",
        "\\", "é", "'a': ", "\"a\":1,", "? a\n", "a:\n ", ": ", "<<: ", "x",
    ] {
        parse_quickly(repeated(unit).as_bytes());
        parse_quickly(format!("do: [{}", repeated(unit)).as_bytes());
        parse_quickly(format!("do: {{{}", repeated(unit)).as_bytes());
        parse_quickly(format!("do:\n  {}", repeated(unit)).as_bytes());
    }
}

#[test]
fn large_good_parts_end_quickly() {
    let many = lines(4_999, |n| {
        format!("  - t{n}: {{set: {{n: '${{ .n + {n} }}'}}, then: t0}}\n")
    });
    parse_quickly(tasks(&many).as_bytes());
    let keys = lines(40_000, |n| format!("k{n}: {n}, "));
    parse_quickly(tasks(&format!("  - a: {{set: {{{keys}}}}}")).as_bytes());
    let unknown = lines(40_000, |n| format!("k{n}: {n}, "));
    parse_quickly(tasks(&format!("  - a: {{{unknown}}}")).as_bytes());
    let nested = (0..20).fold("{set: {x: 1}}".to_owned(), |inner, n| {
        format!("{{do: [{{t{n}: {inner}}}]}}")
    });
    parse_quickly(tasks(&format!("  - a: {nested}")).as_bytes());
}

/// Each would take a validator minutes, all the memory or the stack.
#[test]
fn schemas_that_multiply_are_refused_quickly() {
    let doubled = lines(40, |n| {
        format!(
            "a{n}: {{allOf: [{{$ref: '#/$defs/a{0}'}}, {{$ref: '#/$defs/a{0}'}}]}}, ",
            n + 1
        )
    });
    let chained = lines(9_000, |n| format!("a{n}: {{$ref: '#/$defs/a{}'}}, ", n + 1));
    let repeated = lines(300, |n| format!("p{n}: {{pattern: '^a{{1,200}}$'}}, "));
    let referred = lines(limits::SCHEMA_PATTERNS, |n| {
        format!("p{n}: {{$ref: '#/$defs/p'}}, ")
    });
    let schemas = [
        format!("{{$ref: '#/$defs/a0', $defs: {{{doubled} a40: {{type: integer}}}}}}"),
        format!("{{$ref: '#/$defs/a0', $defs: {{{chained} a9000: {{type: integer}}}}}}"),
        format!("{{properties: {{{repeated}}}}}"),
        format!("{{properties: {{{referred}}}, $defs: {{p: {{pattern: '^a$'}}}}}}"),
        "{pattern: '((a{1,100}){1,100}){1,100}'}".to_owned(),
        format!("{{anyOf: [{}]}}", "{const: 1}, ".repeat(limits::SCHEMA_VALUES)),
    ];
    for schema in schemas {
        let text = top(&format!("input: {{schema: {{document: {schema}}}}}"));
        parse_quickly(text.as_bytes());
        let problems = parsed(&text).unwrap_err();
        assert_eq!(
            problems.iter().map(|problem| problem.code).collect::<Vec<_>>(),
            ["invalid_schema"]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(text in prop::collection::vec(any::<u8>(), 0..400)) {
        parse_quickly(&text);
    }

    #[test]
    fn arbitrary_yaml_like_text(text in "[\\[\\]{}:,&*!|>'\"%@`#?\\- \n\ta-c0-9$.<~=]{0,200}") {
        parse_quickly(text.as_bytes());
        parse_quickly(tasks(&text).as_bytes());
    }

    #[test]
    fn mutated_good_documents(
        at in 0..GOOD.len(),
        length in 0_usize..30,
        put in prop_oneof![
            Just(String::new()),
            "[\\[\\]{}:,&*!|>'\"%#?\\- \n\ta-c0-9$.<~]{1,4}",
            Just("\u{0}".to_owned()),
            Just("${".to_owned()),
            Just("\n---\n".to_owned()),
        ],
    ) {
        let mut text = GOOD.as_bytes().to_vec();
        text.splice(at..(at + length).min(GOOD.len()), put.bytes());
        parse_quickly(&text);
    }

    /// Any part may hold any value: it is refused or taken, and what is taken as written stays as written.
    #[test]
    fn replaced_values(at in 0_usize..400, value in values()) {
        let good = parsed(GOOD).unwrap();
        let mut document = (*good.source).clone();
        let mut left = at;
        replace(&mut document, &mut left, &value);
        let text = document.to_string();
        match parse(text.as_bytes(), &Known::default()) {
            Ok(definition) => prop_assert_eq!(&*definition.source, &document),
            Err(problems) => {
                for problem in problems {
                    prop_assert!(document.pointer(&problem.pointer).is_some(), "{:#?} {}", problem, text);
                }
            }
        }
    }

    #[test]
    fn durations_of_both_forms_agree(days in 0_u64..3_000, hours in 0_u64..99, minutes in 0_u64..99, seconds in 0_u64..99, millis in 0_u64..1_000) {
        let object = json!({"days": days, "hours": hours, "minutes": minutes, "seconds": seconds, "milliseconds": millis});
        let text = json!(format!("P{days}DT{hours}H{minutes}M{seconds}.{millis:03}S"));
        let expected = Duration::from_millis((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + millis);
        prop_assert_eq!(duration::from_value(&object), Ok(expected));
        prop_assert_eq!(duration::from_value(&text), Ok(expected));
    }

    #[test]
    fn arbitrary_durations(text in "\\PC{0,30}", iso in "P?[0-9WDTHMS.Y-]{0,20}") {
        for text in [text, iso] {
            if let Ok(found) = duration::from_value(&json!(text)) {
                prop_assert!(found <= duration::MAX);
            }
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>()
            .prop_filter("finite", |n| n.is_finite())
            .prop_map(|n| json!(n)),
        ".{0,12}"
            .prop_filter("no NUL", |text| !text.contains('\0'))
            .prop_map(|text| json!(text)),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{"a": {"do": []}}])),
        Just(json!({"set": {"a": 1}})),
        Just(json!("${ .x }")),
        Just(json!("${ .x } y")),
        Just(json!("PT1S")),
    ]
}

/// Replaces the value number `left` in the order of the text.
fn replace(at: &mut Value, left: &mut usize, by: &Value) {
    if *left == 0 {
        *at = by.clone();
    }
    *left = left.wrapping_sub(1);
    match at {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, left, by)),
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, left, by)),
        _ => {}
    }
}
