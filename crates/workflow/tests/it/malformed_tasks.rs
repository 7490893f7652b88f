//! Malformed documents, kinds of tasks: each is refused with exactly these problems, at the marked places.

use crate::documents::{refused, tasks};

#[test]
fn calls() {
    for (text, expected) in [
        ("  - a: ▸{call: http}", "missing_property /do/0/a"),
        ("  - a: {call: ▸send_mails}", "unknown_activity /do/0/a/call"),
        ("  - a: {call: ▸'send mail'}", "invalid_name /do/0/a/call"),
        ("  - a: {call: charge, with: ▸[1]}", "wrong_type /do/0/a/with"),
        ("  - a: {call: ▸5}", "wrong_type /do/0/a/call"),
    ] {
        refused(&tasks(text), expected);
    }
    for (text, expected) in [
        (
            "▸▸{}",
            "missing_property /do/0/a/with; missing_property /do/0/a/with",
        ),
        (
            "{method: ▸fetch, endpoint: 'https://e.com'}",
            "invalid_method /do/0/a/with/method",
        ),
        (
            "{method: get, endpoint: ▸'ftp://e.com'}",
            "invalid_endpoint /do/0/a/with/endpoint",
        ),
        (
            "{method: get, endpoint: {uri: ▸'/x'}}",
            "invalid_endpoint /do/0/a/with/endpoint/uri",
        ),
        (
            "{method: get, endpoint: ▸'https://e.com/{+x}'}",
            "invalid_endpoint /do/0/a/with/endpoint",
        ),
        (
            "{method: get, endpoint: ▸'https://e.com/${ .x }'}",
            "mixed_expression /do/0/a/with/endpoint",
        ),
        (
            "{method: get, endpoint: ▸'https://u:p@e.com/'}",
            "invalid_endpoint /do/0/a/with/endpoint",
        ),
        (
            "{method: get, endpoint: 'https://e.com', headers: {▸'a b': c}}",
            "invalid_header /do/0/a/with/headers/a b",
        ),
        (
            "{method: get, endpoint: 'https://e.com', headers: {▸Host: c}}",
            "invalid_header /do/0/a/with/headers/Host",
        ),
        (
            "{method: get, endpoint: 'https://e.com', headers: {x: ▸\"a\\r\\nb\"}}",
            "invalid_header /do/0/a/with/headers/x",
        ),
        (
            "{method: get, endpoint: 'https://e.com', headers: {x: ▸1}}",
            "wrong_type /do/0/a/with/headers/x",
        ),
        (
            "{method: get, endpoint: 'https://e.com', query: ▸[a]}",
            "wrong_type /do/0/a/with/query",
        ),
        (
            "{method: get, endpoint: 'https://e.com', output: ▸body}",
            "invalid_value /do/0/a/with/output",
        ),
        (
            "{method: get, endpoint: 'https://e.com', redirect: ▸'yes'}",
            "wrong_type /do/0/a/with/redirect",
        ),
    ] {
        refused(&tasks(&format!("  - a: {{call: http, with: {text}}}")), expected);
    }
}

#[test]
fn errors_and_retries() {
    for (text, expected) in [
        ("  - a: ▸{try: []}", "missing_property /do/0/a"),
        (
            "  - a: {raise: {error: ▸oops}}",
            "undefined_reference /do/0/a/raise/error",
        ),
        (
            "  - a: {raise: {error: {type: ▸'a b', status: ▸99}}}",
            "invalid_uri /do/0/a/raise/error/type; invalid_value /do/0/a/raise/error/status",
        ),
        ("  - a: {raise: ▸{}}", "missing_property /do/0/a/raise"),
    ] {
        refused(&tasks(text), expected);
    }
    for (text, expected) in [
        ("{retry: ▸often}", "undefined_reference /do/0/a/catch/retry"),
        (
            "{retry: {delay: ▸5}}",
            "invalid_duration /do/0/a/catch/retry/delay",
        ),
        (
            "{retry: {limit: {attempt: {count: ▸-1}}}}",
            "invalid_value /do/0/a/catch/retry/limit/attempt/count",
        ),
        (
            "{retry: {backoff: ▸{}}}",
            "conflicting_properties /do/0/a/catch/retry/backoff",
        ),
        (
            "{retry: {jitter: ▸{from: PT2S, to: PT1S}}}",
            "invalid_value /do/0/a/catch/retry/jitter",
        ),
        (
            "{errors: {with: ▸{}}}",
            "missing_property /do/0/a/catch/errors/with",
        ),
        (
            "{errors: {with: {status: ▸'404'}}}",
            "wrong_type /do/0/a/catch/errors/with/status",
        ),
        ("{as: ▸$error}", "invalid_name /do/0/a/catch/as"),
        ("{then: ▸b}", "unknown_target /do/0/a/catch/then"),
    ] {
        refused(
            &tasks(&format!(
                "  - a: {{try: [{{b: {{set: {{c: 1}}}}}}], catch: {text}}}"
            )),
            expected,
        );
    }
}

#[test]
fn loops_switches_and_waits() {
    for (text, expected) in [
        ("  - a: ▸{for: {in: .x}}", "missing_property /do/0/a"),
        ("  - a: {for: ▸{}, do: []}", "missing_property /do/0/a/for"),
        ("  - a: {for: {in: ▸{b: 1}}, do: []}", "wrong_type /do/0/a/for/in"),
        (
            "  - a: {for: {in: .x, each: ▸input}, do: []}",
            "invalid_name /do/0/a/for/each",
        ),
        (
            "  - a: {for: ▸{in: .x, each: i, at: i}, do: []}",
            "invalid_name /do/0/a/for",
        ),
        ("  - a: {do: [], ▸while: .x}", "unknown_property /do/0/a/while"),
        ("  - a: {switch: ▸[]}", "missing_property /do/0/a/switch"),
        (
            "  - a: {switch: [{b: ▸{when: .x}}]}",
            "missing_property /do/0/a/switch/0/b",
        ),
        (
            "  - a: {switch: [{b: {then: ▸c}}]}",
            "unknown_target /do/0/a/switch/0/b/then",
        ),
        ("  - a: {wait: ▸10}", "invalid_duration /do/0/a/wait"),
        ("  - a: {wait: ▸P1M}", "invalid_duration /do/0/a/wait"),
        ("  - a: {wait: ▸{seconds: 1.5}}", "invalid_duration /do/0/a/wait"),
        ("  - a: {wait: ▸'${ .x | '}", "mixed_expression /do/0/a/wait"),
        ("  - a: {wait: ▸P3651D}", "invalid_duration /do/0/a/wait"),
    ] {
        refused(&tasks(text), expected);
    }
}

#[test]
fn events() {
    for (text, expected) in [
        (
            "  - a: {emit: {event: {with: ▸{source: 'https://e.com'}}}}",
            "missing_property /do/0/a/emit/event/with",
        ),
        (
            "  - a: {emit: {event: {with: {type: t, ▸orderId: x}}}}",
            "invalid_event /do/0/a/emit/event/with/orderId",
        ),
        (
            "  - a: {emit: {event: {with: {type: t, time: ▸today}}}}",
            "invalid_event /do/0/a/emit/event/with/time",
        ),
        (
            "  - a: {emit: {event: {with: {type: ▸5}}}}",
            "wrong_type /do/0/a/emit/event/with/type",
        ),
        ("  - a: {listen: {to: ▸{}}}", "missing_property /do/0/a/listen/to"),
        (
            "  - a: {listen: {to: {one: {with: ▸{}}}}}",
            "missing_property /do/0/a/listen/to/one/with",
        ),
        (
            "  - a: {listen: {to: {one: ▸{}}}}",
            "missing_property /do/0/a/listen/to/one",
        ),
        (
            "  - a: {listen: {to: {one: {with: {type: t}}}, read: ▸all}}",
            "invalid_value /do/0/a/listen/read",
        ),
        (
            "  - a: {listen: {to: {one: {with: {type: t}, correlate: {k: ▸{}}}}}}",
            "missing_property /do/0/a/listen/to/one/correlate/k",
        ),
        (
            "  - a: {listen: {to: {one: {with: {data: ▸{a: '${ .b }'}}}}}}",
            "mixed_expression /do/0/a/listen/to/one/with/data",
        ),
    ] {
        refused(&tasks(text), expected);
    }
}
