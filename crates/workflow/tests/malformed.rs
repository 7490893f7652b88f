//! Malformed documents: each is refused with exactly these problems, at these places.

#![expect(clippy::needless_raw_string_hashes, reason = "documents may hold quotes")]

mod common;

use common::{known, parsed, with_tasks};
use levqor_workflow::{limits, parse};

/// Stands in a document before the place where a problem is expected, once for each.
const MARK: char = '▸';

/// Code and pointer, in the order of the marks.
type Expected<'a> = (&'a str, &'a str);

#[track_caller]
fn refused(marked: &str, expected: &[Expected<'_>]) {
    let text = marked.replace(MARK, "");
    let places = places(marked);
    assert_eq!(
        places.len(),
        expected.len(),
        "one mark for each problem: {marked}"
    );
    let problems = parsed(&text).expect_err(marked);
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.code, p.pointer.as_str(), (p.line, p.column)))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .zip(places)
        .map(|((code, pointer), at)| (*code, *pointer, at))
        .collect();
    assert_eq!(found, expected, "{marked}\n{problems:#?}");
    assert!(
        problems.iter().all(|problem| problem.message.len() > 10),
        "{problems:#?}"
    );
}

/// Line and column of each mark.
fn places(marked: &str) -> Vec<(usize, usize)> {
    let (mut places, mut line, mut column) = (Vec::new(), 1, 1);
    for character in marked.chars() {
        match character {
            MARK => places.push((line, column)),
            '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
    }
    places
}

#[track_caller]
fn tasks_refused(tasks: &str, expected: &[Expected<'_>]) {
    refused(&with_tasks(tasks), expected);
}

#[track_caller]
fn top_refused(top: &str, expected: &[Expected<'_>]) {
    refused(
        &format!("{}{top}\n", with_tasks("  - a: {set: {b: 1}}")),
        expected,
    );
}

#[test]
fn bytes_that_are_no_text() {
    let codes = |text: &[u8]| {
        let problems = parse(text, &known()).expect_err("refused");
        problems
            .iter()
            .map(|p| (p.code, p.line, p.column))
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(b"document:\n  a: \xff\n"), [("invalid_utf8", 2, 6)]);
    assert_eq!(codes(b"a: 1\nb: \0\n"), [("nul_character", 2, 4)]);
    assert_eq!(
        codes(&vec![b' '; limits::DOCUMENT_BYTES + 1]),
        [("document_too_large", 1, 1)]
    );
    assert_eq!(codes("a: é\0".as_bytes()), [("nul_character", 1, 5)]);
}

#[test]
fn text_that_is_no_document() {
    refused("▸", &[("empty_document", "")]);
    refused("▸# only a comment\n", &[("empty_document", "")]);
    refused("a: [1, 2", &[("invalid_yaml", "")]);
    refused("{\"a\": }▸}", &[("invalid_yaml", "")]);
    refused("a: b▸: c", &[("invalid_yaml", "")]);
    refused("a:\n\t▸- b", &[("invalid_yaml", "")]);
    refused("▸just text", &[("wrong_type", "")]);
    refused("▸- a\n- b", &[("wrong_type", "")]);
    refused("▸null", &[("wrong_type", "")]);
    refused("--- {a: 1}\n▸--- {b: 2}\n", &[("several_documents", "")]);
}

#[test]
fn what_would_expand_or_hide() {
    tasks_refused("  - a: {set: ▸&x {b: 1}}", &[("yaml_anchor", "/do/0/a/set")]);
    tasks_refused(
        "  - a: {set: ▸&x {b: 1}}\n  - c: {set: ▸*x}",
        &[("yaml_anchor", "/do/0/a/set"), ("yaml_alias", "/do/1/c/set")],
    );
    tasks_refused(
        "  - a: {set: {▸<<: {b: 1}, c: 2}}",
        &[("yaml_merge_key", "/do/0/a/set")],
    );
    tasks_refused("  - a: {set: {b: ▸!!str 1}}", &[("yaml_tag", "/do/0/a/set/b")]);
    tasks_refused(
        "  - a: {set: {b: ▸!thing {c: 1}}}",
        &[("yaml_tag", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: 1, ▸b: 2}}",
        &[("duplicate_key", "/do/0/a/set/b")],
    );
    refused(
        r#"{"document": {}, "do": [], "do": []}"#,
        &[
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("duplicate_key", "/do"),
        ],
    );
    tasks_refused("  - a: {set: {▸1: b}}", &[("invalid_key", "/do/0/a/set")]);
    tasks_refused("  - a: {set: {▸true: b}}", &[("invalid_key", "/do/0/a/set")]);
    tasks_refused("  - a: {set: {▸[x]: b}}", &[("invalid_key", "/do/0/a/set")]);
}

#[test]
fn what_json_cannot_hold() {
    tasks_refused(
        "  - a: {set: {b: ▸.inf}}",
        &[("number_not_finite", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: [▸-.Inf, ▸.nan]}}",
        &[
            ("number_not_finite", "/do/0/a/set/b/0"),
            ("number_not_finite", "/do/0/a/set/b/1"),
        ],
    );
    tasks_refused(
        "  - a: {set: {b: ▸1e999}}",
        &[("number_out_of_range", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: ▸18446744073709551616}}",
        &[("number_out_of_range", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: ▸\"x\\0y\"}}",
        &[("nul_character", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {▸\"b\\u0000\": 1}}",
        &[("nul_character", "/do/0/a/set")],
    );
}

#[test]
fn what_is_too_much() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let pointer = format!("/do/0/a/set/b{}", "/0".repeat(59));
    tasks_refused(
        &format!("  - a: {{set: {{b: {deep}}}}}"),
        &[("too_deep", &pointer)],
    );
    let deep_block = "- ".repeat(100_000);
    let pointer = "/0".repeat(64);
    refused(&deep_block, &[("too_deep", &pointer)]);
    let long = "x".repeat(limits::STRING_BYTES + 1);
    tasks_refused(
        &format!("  - a: {{set: {{b: {long}}}}}"),
        &[("string_too_long", "/do/0/a/set/b")],
    );
    let many = "1,".repeat(limits::VALUES);
    let problems = parsed(&with_tasks(&format!("  - a: {{set: {{b: [{many}]}}}}"))).unwrap_err();
    assert_eq!(
        problems.iter().map(|p| p.code).collect::<Vec<_>>(),
        ["too_many_values"]
    );
    let tasks: String = (0..=limits::TASKS)
        .map(|n| format!("- t{n}: {{do: []}}\n"))
        .collect();
    let line = 3 + limits::TASKS;
    tasks_refused(
        &tasks,
        &[("too_many_tasks", &format!("/do/{0}/t{0}", limits::TASKS))],
    );
}

#[test]
fn problems_are_capped() {
    let tasks: String = (0..500).map(|n| format!("- t{n}: {{nothing: 1}}\n")).collect();
    let problems = parsed(&with_tasks(&tasks)).unwrap_err();
    assert_eq!(problems.len(), limits::PROBLEMS);
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_text() {
    refused(
        "document:\n  ▸dsl: ▸'2.0.0'\n  namespace: ▸a_b\n  name: ▸5\n  ▸verison: '1'\ndo:\n  - a: ▸{▸sett: {b: 1}}\n▸extra: 1\n",
        &[
            ("missing_property", "/document"),
            ("unsupported_dsl", "/document/dsl"),
            ("invalid_name", "/document/namespace"),
            ("wrong_type", "/document/name"),
            ("unknown_property", "/document/verison"),
            ("unknown_property", "/do/0/a/sett"),
            ("missing_task_kind", "/do/0/a"),
            ("unknown_property", "/extra"),
        ],
    );
}

#[test]
fn messages_name_the_nearest_known() {
    let problems = parsed(&with_tasks("  - a: {call: send_mial, ouput: {as: .}}")).unwrap_err();
    let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
    assert!(messages[0].contains("`send_mail`"), "{messages:?}");
    assert!(messages[1].contains("`output`"), "{messages:?}");
}

#[test]
fn documents_without_their_parts() {
    refused("▸▸{}", &[("missing_property", ""), ("missing_property", "")]);
    refused(
        "document: ▸▸▸▸{}\ndo▸:\n",
        &[
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("missing_property", "/document"),
            ("wrong_type", "/do"),
        ],
    );
    let document = |line: &str| {
        format!("do: []\ndocument:\n  dsl: 1.0.0\n  namespace: n\n  name: n\n  version: 1.0.0\n{line}")
    };
    refused(&document("  title: 1\n"), &[("wrong_type", "/document/title")]);
    refused(&document("  tags: [a]\n"), &[("wrong_type", "/document/tags")]);
    refused(
        &document("  metadata: x\n"),
        &[("wrong_type", "/document/metadata")],
    );
    refused(
        &document("").replace("version: 1.0.0", "version: 1.0"),
        &[("wrong_type", "/document/version")],
    );
    refused(
        &document("").replace("version: 1.0.0", "version: v1"),
        &[("invalid_version", "/document/version")],
    );
    refused(
        &document("").replace("dsl: 1.0.0", "dsl: 1.0.0-alpha5"),
        &[("unsupported_dsl", "/document/dsl")],
    );
    refused(
        &document("").replace("dsl: 1.0.0", "dsl: '0.8'"),
        &[("invalid_version", "/document/dsl")],
    );
    refused(
        &document("").replace("dsl: 1.0.0", "dsl: 1.1.0"),
        &[("unsupported_dsl", "/document/dsl")],
    );
    refused(
        &document("").replace("name: n", "name: -n"),
        &[
            ("invalid_name", "/document/namespace"),
            ("invalid_name", "/document/name"),
        ],
    );
}

#[test]
fn task_lists_and_names() {
    tasks_refused("  ▸a: {set: {b: 1}}", &[("wrong_type", "/do")]);
    tasks_refused(
        "  - ▸a: {set: {b: 1}}\n    c: {set: {b: 1}}",
        &[("invalid_item", "/do/0")],
    );
    tasks_refused("  - ▸{}", &[("invalid_item", "/do/0")]);
    tasks_refused("  - ▸set", &[("wrong_type", "/do/0")]);
    tasks_refused("  - a: ▸text", &[("wrong_type", "/do/0/a")]);
    tasks_refused("  - ▸'': {set: {b: 1}}", &[("invalid_name", "/do/0/")]);
    tasks_refused(
        "  - a: {set: {b: 1}}\n  - ▸a: {set: {b: 1}}",
        &[("duplicate_task", "/do/1/a")],
    );
    tasks_refused("  - a: ▸{}", &[("missing_task_kind", "/do/0/a")]);
    tasks_refused(
        "  - a: {set: {b: 1}, ▸wait: PT1S}",
        &[("several_task_kinds", "/do/0/a/wait")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, ▸with: {}}",
        &[("unknown_property", "/do/0/a/with")],
    );
    tasks_refused("  - a/b~c: {set: ▸5}", &[("wrong_type", "/do/0/a~1b~0c/set")]);
}

#[test]
fn common_properties() {
    tasks_refused("  - a: {set: {b: 1}, if: ▸true}", &[("wrong_type", "/do/0/a/if")]);
    tasks_refused(
        "  - a: {set: {b: 1}, if: ▸'.a ==='}",
        &[("invalid_expression", "/do/0/a/if")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, if: ▸'${ .a ==='}",
        &[("mixed_expression", "/do/0/a/if")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, then: ▸c}",
        &[("unknown_target", "/do/0/a/then")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, then: ▸1}",
        &[("wrong_type", "/do/0/a/then")],
    );
    tasks_refused(
        "  - a: {do: [{b: {set: {c: 1}, then: ▸a}}]}",
        &[("unknown_target", "/do/0/a/do/0/b/then")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, timeout: ▸soon}",
        &[("undefined_reference", "/do/0/a/timeout")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, timeout: ▸{}}",
        &[("missing_property", "/do/0/a/timeout")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, timeout: {after: ▸5}}",
        &[("invalid_duration", "/do/0/a/timeout/after")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, metadata: ▸[]}",
        &[("wrong_type", "/do/0/a/metadata")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, input: {▸form: .}}",
        &[("unknown_property", "/do/0/a/input/form")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, output: {as: ▸5}}",
        &[("wrong_type", "/do/0/a/output/as")],
    );
    tasks_refused(
        "  - a: {set: {b: 1}, export: {as: {c: ▸'x ${ .d }'}}}",
        &[("mixed_expression", "/do/0/a/export/as/c")],
    );
}

#[test]
fn expressions_amid_text() {
    tasks_refused(
        "  - a: {set: {b: ▸'echo \"${ .x }\"'}}",
        &[("mixed_expression", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: ▸'${ .x } and ${ .y }'}}",
        &[("mixed_expression", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: [▸'${ .x'] }}",
        &[("mixed_expression", "/do/0/a/set/b/0")],
    );
    tasks_refused(
        "  - a: {set: {b: ▸'${ .x | }'}}",
        &[("invalid_expression", "/do/0/a/set/b")],
    );
    tasks_refused(
        "  - a: {set: {b: ▸'${}'}}",
        &[("invalid_expression", "/do/0/a/set/b")],
    );
    tasks_refused("  - a: {set: ▸.x}", &[("invalid_expression", "/do/0/a/set")]);
    tasks_refused("  - a: {set: ▸{}}", &[("missing_property", "/do/0/a/set")]);
    let message = &parsed(&with_tasks("  - a: {set: {b: 'echo \"${ .x }\"'}}")).unwrap_err()[0].message;
    assert!(message.contains(r#"${ "Hello \(.name)" }"#), "{message}");
}

#[test]
fn json_schemas() {
    let schema = |schema: &str| format!("input: {{schema: {schema}}}");
    top_refused(
        &schema("{document: ▸{type: objekt}}"),
        &[("invalid_schema", "/input/schema/document")],
    );
    top_refused(
        &schema("{document: ▸{pattern: '('}}"),
        &[("invalid_schema", "/input/schema/document")],
    );
    top_refused(
        &schema("{document: {$ref: ▸'https://example.com/s.json'}}"),
        &[("invalid_schema", "/input/schema/document/$ref")],
    );
    top_refused(
        &schema("{document: {properties: {a: {$ref: ▸'file:///etc/passwd'}}}}"),
        &[("invalid_schema", "/input/schema/document/properties/a/$ref")],
    );
    top_refused(
        &schema("{document: ▸{$ref: '#/$defs/none'}}"),
        &[("invalid_schema", "/input/schema/document")],
    );
    top_refused(
        &schema("{document: ▸{$schema: 'https://example.com/mine'}}"),
        &[("invalid_schema", "/input/schema/document")],
    );
    top_refused(
        &schema("{document: ▸5}"),
        &[("invalid_schema", "/input/schema/document")],
    );
    top_refused(&schema("▸{}"), &[("missing_property", "/input/schema")]);
    top_refused(
        &schema("{format: ▸avro, document: {}}"),
        &[("unsupported_construct", "/input/schema/format")],
    );
    top_refused(
        &schema("{▸resource: {endpoint: 'https://example.com'}}"),
        &[("unsupported_construct", "/input/schema/resource")],
    );
}

#[test]
fn calls() {
    let call = |with: &str| format!("  - a: {{call: http, with: {with}}}");
    tasks_refused("  - a: ▸{call: http}", &[("missing_property", "/do/0/a")]);
    tasks_refused(
        &call("▸▸{}"),
        &[
            ("missing_property", "/do/0/a/with"),
            ("missing_property", "/do/0/a/with"),
        ],
    );
    tasks_refused(
        &call("{method: ▸fetch, endpoint: 'https://e.com'}"),
        &[("invalid_method", "/do/0/a/with/method")],
    );
    tasks_refused(
        &call("{method: get, endpoint: ▸'ftp://e.com'}"),
        &[("invalid_endpoint", "/do/0/a/with/endpoint")],
    );
    tasks_refused(
        &call("{method: get, endpoint: {uri: ▸'/x'}}"),
        &[("invalid_endpoint", "/do/0/a/with/endpoint/uri")],
    );
    tasks_refused(
        &call("{method: get, endpoint: ▸'https://e.com/{+x}'}"),
        &[("invalid_endpoint", "/do/0/a/with/endpoint")],
    );
    tasks_refused(
        &call("{method: get, endpoint: ▸'https://e.com/${ .x }'}"),
        &[("mixed_expression", "/do/0/a/with/endpoint")],
    );
    tasks_refused(
        &call("{method: get, endpoint: ▸'https://u:p@e.com/'}"),
        &[("invalid_endpoint", "/do/0/a/with/endpoint")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', headers: {▸'a b': c}}"),
        &[("invalid_header", "/do/0/a/with/headers/a b")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', headers: {▸Host: c}}"),
        &[("invalid_header", "/do/0/a/with/headers/Host")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', headers: {x: ▸\"a\\r\\nb\"}}"),
        &[("invalid_header", "/do/0/a/with/headers/x")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', headers: {x: ▸1}}"),
        &[("wrong_type", "/do/0/a/with/headers/x")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', query: ▸[a]}"),
        &[("wrong_type", "/do/0/a/with/query")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', output: ▸body}"),
        &[("invalid_value", "/do/0/a/with/output")],
    );
    tasks_refused(
        &call("{method: get, endpoint: 'https://e.com', redirect: ▸'yes'}"),
        &[("wrong_type", "/do/0/a/with/redirect")],
    );
    tasks_refused(
        "  - a: {call: ▸send_mails}",
        &[("unknown_activity", "/do/0/a/call")],
    );
    tasks_refused("  - a: {call: ▸'send mail'}", &[("invalid_name", "/do/0/a/call")]);
    tasks_refused(
        "  - a: {call: charge, with: ▸[1]}",
        &[("wrong_type", "/do/0/a/with")],
    );
    tasks_refused("  - a: {call: ▸5}", &[("wrong_type", "/do/0/a/call")]);
}

#[test]
fn errors_and_retries() {
    let r#try = |catch: &str| format!("  - a: {{try: [{{b: {{set: {{c: 1}}}}}}], catch: {catch}}}");
    tasks_refused("  - a: ▸{try: []}", &[("missing_property", "/do/0/a")]);
    tasks_refused(
        &r#try("{retry: ▸often}"),
        &[("undefined_reference", "/do/0/a/catch/retry")],
    );
    tasks_refused(
        &r#try("{retry: {delay: ▸5}}"),
        &[("invalid_duration", "/do/0/a/catch/retry/delay")],
    );
    tasks_refused(
        &r#try("{retry: {limit: {attempt: {count: ▸-1}}}}"),
        &[("invalid_value", "/do/0/a/catch/retry/limit/attempt/count")],
    );
    tasks_refused(
        &r#try("{retry: {backoff: ▸{}}}"),
        &[("conflicting_properties", "/do/0/a/catch/retry/backoff")],
    );
    tasks_refused(
        &r#try("{retry: {backoff: {linear: {▸factor: 2}}}}"),
        &[(
            "unsupported_construct",
            "/do/0/a/catch/retry/backoff/linear/factor",
        )],
    );
    tasks_refused(
        &r#try("{retry: {jitter: ▸{from: PT2S, to: PT1S}}}"),
        &[("invalid_value", "/do/0/a/catch/retry/jitter")],
    );
    tasks_refused(
        &r#try("{errors: {with: ▸{}}}"),
        &[("missing_property", "/do/0/a/catch/errors/with")],
    );
    tasks_refused(
        &r#try("{errors: {with: {status: ▸'404'}}}"),
        &[("wrong_type", "/do/0/a/catch/errors/with/status")],
    );
    tasks_refused(&r#try("{as: ▸$error}"), &[("invalid_name", "/do/0/a/catch/as")]);
    tasks_refused(&r#try("{then: ▸b}"), &[("unknown_target", "/do/0/a/catch/then")]);
    tasks_refused(
        "  - a: {raise: {error: ▸oops}}",
        &[("undefined_reference", "/do/0/a/raise/error")],
    );
    tasks_refused(
        "  - a: {raise: {error: {type: ▸'a b', status: ▸99}}}",
        &[
            ("invalid_uri", "/do/0/a/raise/error/type"),
            ("invalid_value", "/do/0/a/raise/error/status"),
        ],
    );
    tasks_refused("  - a: {raise: ▸{}}", &[("missing_property", "/do/0/a/raise")]);
}

#[test]
fn loops_switches_and_waits() {
    tasks_refused("  - a: ▸{for: {in: .x}}", &[("missing_property", "/do/0/a")]);
    tasks_refused(
        "  - a: {for: ▸{}, do: []}",
        &[("missing_property", "/do/0/a/for")],
    );
    tasks_refused(
        "  - a: {for: {in: ▸{b: 1}}, do: []}",
        &[("wrong_type", "/do/0/a/for/in")],
    );
    tasks_refused(
        "  - a: {for: {in: .x, each: ▸input}, do: []}",
        &[("invalid_name", "/do/0/a/for/each")],
    );
    tasks_refused(
        "  - a: {for: ▸{in: .x, each: i, at: i}, do: []}",
        &[("invalid_name", "/do/0/a/for")],
    );
    tasks_refused(
        "  - a: {do: [], ▸while: .x}",
        &[("unknown_property", "/do/0/a/while")],
    );
    tasks_refused("  - a: {switch: ▸[]}", &[("missing_property", "/do/0/a/switch")]);
    tasks_refused(
        "  - a: {switch: [{b: ▸{when: .x}}]}",
        &[("missing_property", "/do/0/a/switch/0/b")],
    );
    tasks_refused(
        "  - a: {switch: [{b: {then: ▸c}}]}",
        &[("unknown_target", "/do/0/a/switch/0/b/then")],
    );
    tasks_refused("  - a: {wait: ▸10}", &[("invalid_duration", "/do/0/a/wait")]);
    tasks_refused("  - a: {wait: ▸P1M}", &[("invalid_duration", "/do/0/a/wait")]);
    tasks_refused(
        "  - a: {wait: ▸{seconds: 1.5}}",
        &[("invalid_duration", "/do/0/a/wait")],
    );
    tasks_refused(
        "  - a: {wait: ▸'${ .x | '}",
        &[("invalid_duration", "/do/0/a/wait")],
    );
    tasks_refused("  - a: {wait: ▸P3651D}", &[("invalid_duration", "/do/0/a/wait")]);
}

#[test]
fn events() {
    tasks_refused(
        "  - a: {emit: {event: {with: ▸{source: 'https://e.com'}}}}",
        &[("missing_property", "/do/0/a/emit/event/with")],
    );
    tasks_refused(
        "  - a: {emit: {event: {with: {type: t, ▸orderId: x}}}}",
        &[("invalid_event", "/do/0/a/emit/event/with/orderId")],
    );
    tasks_refused(
        "  - a: {emit: {event: {with: {type: t, time: ▸today}}}}",
        &[("invalid_event", "/do/0/a/emit/event/with/time")],
    );
    tasks_refused(
        "  - a: {emit: {event: {with: {type: ▸5}}}}",
        &[("wrong_type", "/do/0/a/emit/event/with/type")],
    );
    tasks_refused(
        "  - a: {listen: {to: ▸{}}}",
        &[("missing_property", "/do/0/a/listen/to")],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: {with: ▸{}}}}}",
        &[("missing_property", "/do/0/a/listen/to/one/with")],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: ▸{}}}}",
        &[("missing_property", "/do/0/a/listen/to/one")],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: {with: {type: t}}}, read: ▸all}}",
        &[("invalid_value", "/do/0/a/listen/read")],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: {with: {type: t}, correlate: {k: ▸{}}}}}}",
        &[("missing_property", "/do/0/a/listen/to/one/correlate/k")],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: {with: {data: ▸{a: '${ .b }'}}}}}}",
        &[("mixed_expression", "/do/0/a/listen/to/one/with/data")],
    );
}

#[test]
fn schedules_and_names_under_use() {
    top_refused(
        "schedule: {cron: ▸'61 * * * *'}",
        &[("invalid_cron", "/schedule/cron")],
    );
    top_refused(
        "schedule: {cron: ▸'* * * * * * *'}",
        &[("invalid_cron", "/schedule/cron")],
    );
    top_refused(
        "schedule: {cron: ▸'0 0 30 2 *'}",
        &[("invalid_cron", "/schedule/cron")],
    );
    top_refused(
        "schedule: {every: ▸PT0.5S}",
        &[("invalid_duration", "/schedule/every")],
    );
    top_refused(
        "schedule: {every: ▸'${ .x }'}",
        &[("unsupported_construct", "/schedule/every")],
    );
    top_refused(
        "schedule: {every: PT1S, ▸cron: '* * * * *'}",
        &[("conflicting_properties", "/schedule/cron")],
    );
    top_refused("schedule: ▸{}", &[("missing_property", "/schedule")]);
    top_refused("timeout: ▸soon", &[("undefined_reference", "/timeout")]);
    top_refused(
        "use: {timeouts: {soon: ▸PT1S}}\ntimeout: soon",
        &[("wrong_type", "/use/timeouts/soon")],
    );
    top_refused(
        "use: {retries: {r: {delay: ▸x}}, errors: {e: ▸{status: 500}}}",
        &[
            ("invalid_duration", "/use/retries/r/delay"),
            ("missing_property", "/use/errors/e"),
        ],
    );
    top_refused("evaluate: {mode: ▸lose}", &[("invalid_value", "/evaluate/mode")]);
}

/// Constructs of the language that come later.
#[test]
fn constructs_that_come_later() {
    for call in [
        "a2a",
        "asyncapi",
        "grpc",
        "mcp",
        "openapi",
        "log:1.0.0@public",
        "https://example.com/f.yaml",
    ] {
        tasks_refused(
            &format!("  - a: {{call: '{call}', with: {{x: 1}}}}"),
            &[("unsupported_construct", "/do/0/a/call")],
        );
    }
    tasks_refused(
        "  - a: {▸fork: {branches: []}}",
        &[("unsupported_construct", "/do/0/a/fork")],
    );
    tasks_refused(
        "  - a: {▸run: {shell: {command: ls}}}",
        &[("unsupported_construct", "/do/0/a/run")],
    );
    tasks_refused(
        "  - a: {listen: {to: {▸all: []}}}",
        &[("unsupported_construct", "/do/0/a/listen/to/all")],
    );
    tasks_refused(
        "  - a: {listen: {to: {▸any: [], ▸until: .x}}}",
        &[
            ("unsupported_construct", "/do/0/a/listen/to/any"),
            ("unsupported_construct", "/do/0/a/listen/to/until"),
        ],
    );
    tasks_refused(
        "  - a: {listen: {to: {one: {with: {type: t}}}}, ▸foreach: {do: []}}",
        &[("unsupported_construct", "/do/0/a/foreach")],
    );
    tasks_refused(
        "  - a: {call: http, with: {method: get, endpoint: {uri: 'https://e.com', ▸authentication: {use: x}}}}",
        &[("unsupported_construct", "/do/0/a/with/endpoint/authentication")],
    );
    for name in [
        "authentications",
        "catalogs",
        "extensions",
        "functions",
        "secrets",
    ] {
        top_refused(
            &format!("use: {{{name}: []}}"),
            &[("unsupported_construct", &format!("/use/{name}"))],
        );
    }
    top_refused(
        "schedule: {▸on: {one: {with: {type: t}}}}",
        &[("unsupported_construct", "/schedule/on")],
    );
    top_refused(
        "schedule: {▸after: PT1S}",
        &[("unsupported_construct", "/schedule/after")],
    );
    top_refused(
        "evaluate: {mode: ▸loose}",
        &[("unsupported_construct", "/evaluate/mode")],
    );
    top_refused(
        "evaluate: {language: ▸js}",
        &[("unsupported_construct", "/evaluate/language")],
    );
}

#[test]
fn a_call_of_a_function_that_was_refused_is_no_second_problem() {
    let text = with_tasks("  - a: {call: mine}") + "use: {functions: {mine: {set: {b: 1}}}}\n";
    refused(&text, &[("unsupported_construct", "/use/functions")]);
}

#[test]
fn json_is_refused_at_its_places_too() {
    refused(
        "{\n  \"document\": {\"dsl\": \"1.0.3\", \"namespace\": \"n\", \"name\": \"n\", \"version\": \"1.0.0\"},\n  \"do\": [{\"a\": {\"wait\": ▸true}}]\n}",
        &[("invalid_duration", "/do/0/a/wait")],
    );
}
