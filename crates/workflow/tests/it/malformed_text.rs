//! Malformed documents, the text: each is refused with exactly these problems, at the marked places.

use crate::documents::{known, lines, parsed, refused, tasks};
use levqor_workflow::{limits, parse};

#[test]
fn bytes_that_are_no_text() {
    let found = |text: &[u8]| {
        let problems = parse(text, &known()).expect_err("refused");
        problems
            .iter()
            .map(|p| (p.code, p.line, p.column))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(b"document:\n  a: \xff\n"), [("invalid_utf8", 2, 6)]);
    assert_eq!(found(b"a: 1\nb: \0\n"), [("nul_character", 2, 4)]);
    assert_eq!(found("a: é\0".as_bytes()), [("nul_character", 1, 5)]);
    assert_eq!(
        found(&vec![b' '; limits::DOCUMENT_BYTES + 1]),
        [("document_too_large", 1, 1)]
    );
}

#[test]
fn text_that_is_no_document() {
    for (text, expected) in [
        ("▸", "empty_document "),
        ("▸# only a comment\n", "empty_document "),
        ("a: [1, 2\n▸", "invalid_yaml "),
        ("{\"a\": }▸}", "invalid_yaml "),
        ("a: b▸: c", "invalid_yaml "),
        ("a:\n\t▸- b", "invalid_yaml "),
        ("▸just text", "wrong_type "),
        ("▸- a\n- b", "wrong_type "),
        ("▸null", "wrong_type "),
        ("--- {a: 1}\n▸--- {b: 2}\n", "several_documents "),
    ] {
        refused(text, expected);
    }
}

#[test]
fn what_would_expand_or_hide() {
    for (text, expected) in [
        ("  - a: {set: ▸&x {b: 1}}", "yaml_anchor /do/0/a/set"),
        (
            "  - a: {set: ▸&x {b: 1}}\n  - c: {set: ▸*x}",
            "yaml_anchor /do/0/a/set; yaml_alias /do/1/c/set",
        ),
        ("  - a: {set: {▸<<: {b: 1}, c: 2}}", "yaml_merge_key /do/0/a/set"),
        ("  - a: {set: {b: ▸!!str 1}}", "yaml_tag /do/0/a/set/b"),
        ("  - a: {set: {b: ▸!thing {c: 1}}}", "yaml_tag /do/0/a/set/b"),
        ("  - a: {set: {b: 1, ▸b: 2}}", "duplicate_key /do/0/a/set/b"),
        ("  - a: {set: {▸1: b}}", "invalid_key /do/0/a/set"),
        ("  - a: {set: {▸true: b}}", "invalid_key /do/0/a/set"),
        ("  - a: {set: {▸[x]: b}}", "invalid_key /do/0/a/set"),
    ] {
        refused(&tasks(text), expected);
    }
    let twice = r#"{"document": ▸▸▸▸{}, "do": [], ▸"do": []}"#;
    let missing = "missing_property /document; ".repeat(4);
    refused(twice, &(missing + "duplicate_key /do"));
}

#[test]
fn what_json_cannot_hold() {
    for (text, expected) in [
        ("  - a: {set: {b: ▸.inf}}", "number_not_finite /do/0/a/set/b"),
        (
            "  - a: {set: {b: [▸-.Inf, ▸.nan]}}",
            "number_not_finite /do/0/a/set/b/0; number_not_finite /do/0/a/set/b/1",
        ),
        ("  - a: {set: {b: ▸1e999}}", "number_out_of_range /do/0/a/set/b"),
        (
            "  - a: {set: {b: ▸18446744073709551616}}",
            "number_out_of_range /do/0/a/set/b",
        ),
        ("  - a: {set: {b: ▸\"x\\0y\"}}", "nul_character /do/0/a/set/b"),
        ("  - a: {set: {▸\"b\\u0000\": 1}}", "nul_character /do/0/a/set"),
    ] {
        refused(&tasks(text), expected);
    }
}

#[test]
fn what_is_too_much() {
    let deep = format!("{}▸{}{}", "[".repeat(59), "[".repeat(41), "]".repeat(100));
    let pointer = format!("/do/0/a/set/b{}", "/0".repeat(59));
    refused(
        &tasks(&format!("  - a: {{set: {{b: {deep}}}}}")),
        &format!("too_deep {pointer}"),
    );
    let deep = format!("{}▸{}", "- ".repeat(64), "- ".repeat(100_000));
    refused(&deep, &format!("too_deep {}", "/0".repeat(64)));
    let long = "x".repeat(limits::STRING_BYTES + 1);
    refused(
        &tasks(&format!("  - a: {{set: {{b: ▸{long}}}}}")),
        "string_too_long /do/0/a/set/b",
    );
    let long = "x".repeat(limits::KEY_BYTES + 1);
    refused(
        &tasks(&format!("  - a: {{set: {{▸'{long}': 1}}}}")),
        "string_too_long /do/0/a/set",
    );
    let long = "x".repeat(limits::NAME_BYTES + 1);
    refused(
        &tasks(&format!("  - ▸{long}: {{do: []}}")),
        &format!("invalid_name /do/0/{long}"),
    );
    let larger_as_json = "\"\\e\",".repeat(80_000);
    let problems = parsed(&tasks(&format!("  - a: {{set: {{b: [{larger_as_json}]}}}}"))).unwrap_err();
    assert_eq!(
        problems.iter().map(|p| p.code).collect::<Vec<_>>(),
        ["document_too_large"]
    );
    let many = "1,".repeat(limits::VALUES);
    let problems = parsed(&tasks(&format!("  - a: {{set: {{b: [{many}]}}}}"))).unwrap_err();
    assert_eq!(
        problems.iter().map(|p| p.code).collect::<Vec<_>>(),
        ["too_many_values"]
    );
    let most = lines(limits::TASKS, |n| format!("- t{n}: {{do: []}}\n"));
    assert!(parsed(&tasks(&most)).is_ok());
    let last = format!("- ▸t{}: {{do: []}}", limits::TASKS);
    refused(
        &tasks(&(most + &last)),
        &format!("too_many_tasks /do/{0}/t{0}", limits::TASKS),
    );
}

#[test]
fn problems_are_capped() {
    let many = lines(500, |n| format!("- t{n}: {{nothing: 1}}\n"));
    assert_eq!(parsed(&tasks(&many)).unwrap_err().len(), limits::PROBLEMS);
}

#[test]
fn all_problems_are_reported_in_the_order_of_the_text() {
    let text = "
document:
  ▸dsl: ▸'2.0.0'
  namespace: ▸a_b
  name: ▸5
  ▸verison: '1'
do:
  - a: ▸{▸sett: {b: 1}}
▸extra: 1
";
    let expected = [
        "missing_property /document",
        "unsupported_dsl /document/dsl",
        "invalid_name /document/namespace",
        "wrong_type /document/name",
        "unknown_property /document/verison",
        "missing_task_kind /do/0/a",
        "unknown_property /do/0/a/sett",
        "unknown_property /extra",
    ];
    refused(text, &expected.join("; "));
}

#[test]
fn messages_name_the_nearest_known() {
    let problems = parsed(&tasks("  - a: {call: send_mial, ouput: {as: .}}")).unwrap_err();
    let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
    assert!(messages[0].contains("`send_mail`"), "{messages:?}");
    assert!(messages[1].contains("`output`"), "{messages:?}");
}

#[test]
fn json_is_refused_at_its_places_too() {
    let document = r#"{"dsl": "1.0.3", "namespace": "n", "name": "n", "version": "1.0.0"}"#;
    let text = format!("{{\n  \"document\": {document},\n  \"do\": [{{\"a\": {{\"wait\": ▸true}}}}]\n}}");
    refused(&text, "invalid_duration /do/0/a/wait");
}
