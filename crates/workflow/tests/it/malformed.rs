//! Malformed documents, the language: each is refused with exactly these problems, at the marked places.

use crate::documents::{parsed, refused, tasks, top};

#[test]
fn documents_without_their_parts() {
    for (text, expected) in [
        ("▸▸{}", "missing_property ; missing_property "),
        (
            "document: ▸▸▸▸{}\ndo▸:\n",
            "missing_property /document; missing_property /document; missing_property /document; missing_property /document; wrong_type /do",
        ),
    ] {
        refused(text, expected);
    }
    for (line, expected) in [
        ("version: ▸1.0", "wrong_type /document/version"),
        ("version: ▸v1", "invalid_version /document/version"),
        ("version: ▸01.0.0", "invalid_version /document/version"),
        ("dsl: ▸1.0.0-alpha5", "unsupported_dsl /document/dsl"),
        ("dsl: ▸'0.8'", "invalid_version /document/dsl"),
        ("dsl: ▸1.1.0", "unsupported_dsl /document/dsl"),
        ("namespace: ▸-n", "invalid_name /document/namespace"),
        ("name: ▸a.b", "invalid_name /document/name"),
        ("name: ▸5", "wrong_type /document/name"),
        ("title: ▸1", "wrong_type /document/title"),
        ("summary: ▸[]", "wrong_type /document/summary"),
        ("tags: ▸[a]", "wrong_type /document/tags"),
        ("metadata: ▸x", "wrong_type /document/metadata"),
        (
            "metadata: {levqor.retention: ▸forever}",
            "invalid_value /document/metadata/levqor.retention",
        ),
        (
            "metadata: {levqor.value: ▸5}",
            "wrong_type /document/metadata/levqor.value",
        ),
        (
            "metadata: {levqor.value: ▸{currency: GBP}}",
            "missing_property /document/metadata/levqor.value",
        ),
        (
            "metadata: {levqor.value: {amount: ▸-1, currency: GBP}}",
            "invalid_value /document/metadata/levqor.value/amount",
        ),
        (
            "metadata: {levqor.value: {amount: ▸1.5, currency: GBP}}",
            "invalid_value /document/metadata/levqor.value/amount",
        ),
        (
            "metadata: {levqor.value: {amount: 1, currency: ▸gbp}}",
            "invalid_value /document/metadata/levqor.value/currency",
        ),
        (
            "metadata: {levqor.value: {amount: 1, currency: ▸EUR}}",
            "invalid_value /document/metadata/levqor.value/currency",
        ),
        (
            "metadata: {levqor.value: {amount: 1, currency: GBP, ▸cost: 2}}",
            "unknown_property /document/metadata/levqor.value/cost",
        ),
        (
            "metadata: {levqor.value: {amount: 1, currency: GBP, deadline: ▸0}}",
            "invalid_value /document/metadata/levqor.value/deadline",
        ),
    ] {
        let key = line.split(':').next().unwrap();
        let mut lines = vec!["dsl: 1.0.0", "namespace: n", "name: n", "version: 1.0.0"];
        lines.retain(|other| !other.starts_with(&format!("{key}:")));
        lines.push(line);
        refused(
            &format!("do: []\ndocument:\n  {}\n", lines.join("\n  ")),
            expected,
        );
    }
}

#[test]
fn task_lists_and_names() {
    for (text, expected) in [
        ("  ▸a: {set: {b: 1}}", "wrong_type /do"),
        (
            "  - ▸a: {set: {b: 1}}\n    c: {set: {b: 1}}",
            "invalid_item /do/0",
        ),
        ("  - ▸{}", "invalid_item /do/0"),
        ("  - ▸set", "wrong_type /do/0"),
        ("  - a: ▸text", "wrong_type /do/0/a"),
        ("  - ▸'': {set: {b: 1}}", "invalid_name /do/0/"),
        (
            "  - a: {set: {b: 1}}\n  - ▸a: {set: {b: 1}}",
            "duplicate_task /do/1/a",
        ),
        ("  - a: ▸{}", "missing_task_kind /do/0/a"),
        (
            "  - a: {set: {b: 1}, ▸wait: PT1S}",
            "several_task_kinds /do/0/a/wait",
        ),
        ("  - a: {set: {b: 1}, ▸with: {}}", "unknown_property /do/0/a/with"),
        ("  - a/b~c: {set: ▸5}", "wrong_type /do/0/a~1b~0c/set"),
    ] {
        refused(&tasks(text), expected);
    }
}

#[test]
fn common_properties() {
    for (text, expected) in [
        ("  - a: {set: {b: 1}, if: ▸true}", "wrong_type /do/0/a/if"),
        (
            "  - a: {set: {b: 1}, if: ▸'.a ==='}",
            "invalid_expression /do/0/a/if",
        ),
        (
            "  - a: {set: {b: 1}, if: ▸'${ .a ==='}",
            "mixed_expression /do/0/a/if",
        ),
        ("  - a: {set: {b: 1}, then: ▸c}", "unknown_target /do/0/a/then"),
        ("  - a: {set: {b: 1}, then: ▸1}", "wrong_type /do/0/a/then"),
        (
            "  - a: {do: [{b: {set: {c: 1}, then: ▸a}}]}",
            "unknown_target /do/0/a/do/0/b/then",
        ),
        (
            "  - a: {set: {b: 1}, timeout: ▸soon}",
            "undefined_reference /do/0/a/timeout",
        ),
        (
            "  - a: {set: {b: 1}, timeout: ▸{}}",
            "missing_property /do/0/a/timeout",
        ),
        (
            "  - a: {set: {b: 1}, timeout: {after: ▸5}}",
            "invalid_duration /do/0/a/timeout/after",
        ),
        (
            "  - a: {set: {b: 1}, metadata: ▸[]}",
            "wrong_type /do/0/a/metadata",
        ),
        (
            "  - a: {set: {b: 1}, input: {▸form: .}}",
            "unknown_property /do/0/a/input/form",
        ),
        (
            "  - a: {set: {b: 1}, output: {as: ▸5}}",
            "wrong_type /do/0/a/output/as",
        ),
        (
            "  - a: {set: {b: 1}, export: {as: {c: ▸'x ${ .d }'}}}",
            "mixed_expression /do/0/a/export/as/c",
        ),
    ] {
        refused(&tasks(text), expected);
    }
}

#[test]
fn expressions_amid_text() {
    for (text, expected) in [
        (
            "  - a: {set: {b: ▸'echo \"${ .x }\"'}}",
            "mixed_expression /do/0/a/set/b",
        ),
        (
            "  - a: {set: {b: ▸'${ .x } and ${ .y }'}}",
            "mixed_expression /do/0/a/set/b",
        ),
        (
            "  - a: {set: {b: [▸'${ .x'] }}",
            "mixed_expression /do/0/a/set/b/0",
        ),
        (
            "  - a: {set: {b: ▸'${ .x | }'}}",
            "invalid_expression /do/0/a/set/b",
        ),
        ("  - a: {set: {b: ▸'${}'}}", "invalid_expression /do/0/a/set/b"),
        ("  - a: {set: ▸.x}", "invalid_expression /do/0/a/set"),
        ("  - a: {set: ▸{}}", "missing_property /do/0/a/set"),
    ] {
        refused(&tasks(text), expected);
    }
    let message = &parsed(&tasks("  - a: {set: {b: 'echo \"${ .x }\"'}}")).unwrap_err()[0].message;
    assert!(message.contains(r#"${ "Hello \(.name)" }"#), "{message}");
}

#[test]
fn json_schemas() {
    for (text, expected) in [
        (
            "{document: ▸{type: objekt}}",
            "invalid_schema /input/schema/document",
        ),
        (
            "{document: ▸{pattern: '('}}",
            "invalid_schema /input/schema/document",
        ),
        (
            "{document: {$ref: ▸'https://example.com/s.json'}}",
            "invalid_schema /input/schema/document/$ref",
        ),
        (
            "{document: {properties: {a: {$ref: ▸'file:///etc/passwd'}}}}",
            "invalid_schema /input/schema/document/properties/a/$ref",
        ),
        (
            "{document: {$ref: ▸'#/$defs/none'}}",
            "invalid_schema /input/schema/document/$ref",
        ),
        (
            "{document: {$ref: ▸'#'}}",
            "unsupported_construct /input/schema/document/$ref",
        ),
        (
            "{document: {$ref: '#/$defs/a', $defs: {a: {items: {$ref: ▸'#/$defs/a'}}}}}",
            "unsupported_construct /input/schema/document/$defs/a/items/$ref",
        ),
        (
            "{document: {properties: {const: {$ref: ▸'https://example.com'}}}}",
            "invalid_schema /input/schema/document/properties/const/$ref",
        ),
        (
            "{document: {$dynamicRef: ▸'#a'}}",
            "unsupported_construct /input/schema/document/$dynamicRef",
        ),
        (
            "{document: {not: {$id: ▸'a'}}}",
            "unsupported_construct /input/schema/document/not/$id",
        ),
        (
            "{document: ▸{$schema: 'https://example.com/mine'}}",
            "invalid_schema /input/schema/document",
        ),
        ("{document: ▸5}", "invalid_schema /input/schema/document"),
        ("▸{}", "missing_property /input/schema"),
        (
            "{format: ▸avro, document: {}}",
            "unsupported_construct /input/schema/format",
        ),
        (
            "{▸resource: {endpoint: 'https://example.com'}}",
            "unsupported_construct /input/schema/resource",
        ),
    ] {
        refused(&top(&format!("input: {{schema: {text}}}")), expected);
    }
}

#[test]
fn schedules_and_names_under_use() {
    for (text, expected) in [
        ("schedule: {cron: ▸'61 * * * *'}", "invalid_cron /schedule/cron"),
        (
            "schedule: {cron: ▸'* * * * * * *'}",
            "invalid_cron /schedule/cron",
        ),
        ("schedule: {cron: ▸'0 0 30 2 *'}", "invalid_cron /schedule/cron"),
        ("schedule: {every: ▸PT0.5S}", "invalid_duration /schedule/every"),
        (
            "schedule: {every: ▸'${ .x }'}",
            "unsupported_construct /schedule/every",
        ),
        (
            "schedule: {every: PT1S, ▸cron: '* * * * *'}",
            "conflicting_properties /schedule/cron",
        ),
        ("schedule: ▸{}", "missing_property /schedule"),
        ("timeout: ▸soon", "undefined_reference /timeout"),
        (
            "use: {timeouts: {soon: ▸PT1S}}\ntimeout: soon",
            "wrong_type /use/timeouts/soon",
        ),
        (
            "use: {retries: {r: {delay: ▸x}}, errors: {e: ▸{status: 500}}}",
            "invalid_duration /use/retries/r/delay; missing_property /use/errors/e",
        ),
        ("evaluate: {mode: ▸lose}", "invalid_value /evaluate/mode"),
    ] {
        refused(&top(text), expected);
    }
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
        let text = tasks(&format!("  - a: {{call: ▸'{call}', with: {{x: 1}}}}"));
        refused(&text, "unsupported_construct /do/0/a/call");
    }
    for name in [
        "authentications",
        "catalogs",
        "extensions",
        "functions",
        "secrets",
    ] {
        refused(
            &top(&format!("use: {{▸{name}: []}}")),
            &format!("unsupported_construct /use/{name}"),
        );
    }
    for (text, expected) in [
        (
            "  - a: {▸fork: {branches: []}}",
            "unsupported_construct /do/0/a/fork",
        ),
        (
            "  - a: {▸run: {shell: {command: ls}}}",
            "unsupported_construct /do/0/a/run",
        ),
        (
            "  - a: {listen: {to: {▸all: []}}}",
            "unsupported_construct /do/0/a/listen/to/all",
        ),
        (
            "  - a: {listen: {to: {▸any: [], ▸until: .x}}}",
            "unsupported_construct /do/0/a/listen/to/any; unsupported_construct /do/0/a/listen/to/until",
        ),
        (
            "  - a: {listen: {to: {one: {with: {type: t}}}}, ▸foreach: {do: []}}",
            "unsupported_construct /do/0/a/foreach",
        ),
        (
            "  - a: {call: http, with: {method: get, endpoint: {uri: 'https://e.com', ▸authentication: {use: x}}}}",
            "unsupported_construct /do/0/a/with/endpoint/authentication",
        ),
    ] {
        refused(&tasks(text), expected);
    }
    for (text, expected) in [
        (
            "schedule: {▸on: {one: {with: {type: t}}}}",
            "unsupported_construct /schedule/on",
        ),
        (
            "schedule: {▸after: PT1S}",
            "unsupported_construct /schedule/after",
        ),
        ("evaluate: {mode: ▸loose}", "unsupported_construct /evaluate/mode"),
        (
            "evaluate: {language: ▸js}",
            "unsupported_construct /evaluate/language",
        ),
    ] {
        refused(&top(text), expected);
    }
}

#[test]
fn a_call_of_a_function_that_was_refused_is_no_second_problem() {
    let text = tasks("  - a: {call: mine}") + "use: {▸functions: {mine: {set: {b: 1}}}}\n";
    refused(&text, "unsupported_construct /use/functions");
}
