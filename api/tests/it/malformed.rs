//! Malformed requests, each with its status, code and place. None is a 5xx, none leaves a row behind.

use serde_json::{Value, json};

use crate::support::{CHECKED, NOOP, TestApp, User};

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
const EVENT: &str = "application/cloudevents+json";

/// Method, path, headers, body.
type Sent = (&'static str, String, Vec<(&'static str, Vec<u8>)>, Vec<u8>);

/// Status, code, and the member of the problem that names the place with its value.
type Expected = (u16, &'static str, &'static str, &'static str);

struct Case(&'static str, Sent, Expected);

fn intake(body: impl Into<Vec<u8>>) -> Sent {
    (
        "POST",
        "/api/v1/intake".into(),
        vec![("content-type", JSON.into())],
        body.into(),
    )
}

/// A good request with one member changed or added.
fn member(name: &str, value: Value) -> Sent {
    let mut body = json!({"workflow": "shop/order", "payload": {}});
    body[name] = value;
    intake(body.to_string())
}

fn payload(text: &str) -> Sent {
    intake(format!(r#"{{"workflow":"shop/order","payload":{text}}}"#))
}

fn get(path: &str) -> Sent {
    ("GET", path.into(), Vec::new(), Vec::new())
}

fn post(path: &str, media: &str, body: impl Into<Vec<u8>>) -> Sent {
    (
        "POST",
        path.into(),
        vec![("content-type", media.into())],
        body.into(),
    )
}

fn with_header(mut sent: Sent, name: &'static str, value: &[u8]) -> Sent {
    sent.2.retain(|(known, _)| *known != name);
    sent.2.push((name, value.to_vec()));
    sent
}

fn json_texts() -> Vec<Case> {
    let deep = "[".repeat(65) + &"]".repeat(65);
    vec![
        Case("nothing", intake(""), (400, "invalid_json", "line", "1")),
        Case(
            "not JSON",
            intake("{workflow: 1}"),
            (400, "invalid_json", "column", "2"),
        ),
        Case(
            "cut off",
            intake(r#"{"workflow":"shop/order","#),
            (400, "invalid_json", "pointer", ""),
        ),
        Case("two texts", intake("{} {}"), (400, "invalid_json", "column", "4")),
        Case(
            "trailing comma",
            payload("[1,]"),
            (400, "invalid_json", "pointer", "/payload/1"),
        ),
        Case(
            "leading zero",
            payload("01"),
            (400, "invalid_json", "pointer", ""),
        ),
        Case(
            "bare NaN",
            payload("NaN"),
            (400, "invalid_json", "pointer", "/payload"),
        ),
        Case(
            "raw newline in a string",
            payload("\"a\nb\""),
            (400, "invalid_json", "pointer", "/payload"),
        ),
        Case(
            "lone surrogate",
            payload(r#""\ud800""#),
            (400, "invalid_json", "pointer", "/payload"),
        ),
        Case(
            "byte order mark",
            intake("\u{feff}{}"),
            (400, "invalid_json", "column", "1"),
        ),
        Case("an array", intake("[]"), (400, "invalid_member", "pointer", "")),
        Case(
            "a string",
            intake("\"x\""),
            (400, "invalid_member", "pointer", ""),
        ),
        Case(
            "bad UTF-8",
            intake(b"{\"workflow\":\"\xff\"}".to_vec()),
            (400, "invalid_encoding", "column", "14"),
        ),
        Case(
            "UTF-16",
            intake("\u{0}{\u{0}}"),
            (400, "nul_character", "column", "1"),
        ),
        Case(
            "NUL escape",
            payload(r#"{"a":["\u0000"]}"#),
            (400, "nul_character", "pointer", "/payload/a/0"),
        ),
        Case(
            "NUL byte",
            payload("\"a\u{0}\""),
            (400, "nul_character", "pointer", "/payload"),
        ),
        Case(
            "NUL in a key",
            payload(r#"{"\u0000":1}"#),
            (400, "nul_character", "pointer", "/payload"),
        ),
        Case(
            "member twice",
            intake(r#"{"workflow":"a/b","workflow":"c/d"}"#),
            (400, "duplicate_key", "pointer", "/workflow"),
        ),
        Case(
            "key twice inside",
            payload(r#"{"a":{"b":1,"\u0062":2}}"#),
            (400, "duplicate_key", "pointer", "/payload/a/b"),
        ),
        Case("too deep", payload(&deep), (400, "nesting_too_deep", "line", "1")),
        Case(
            "far too deep",
            payload(&"[".repeat(200_000)),
            (400, "nesting_too_deep", "line", "1"),
        ),
        Case(
            "huge exponent",
            payload("{\"a\":1e999}"),
            (400, "number_out_of_range", "pointer", "/payload/a"),
        ),
        Case(
            "huge number",
            payload(&"9".repeat(400)),
            (400, "number_out_of_range", "pointer", "/payload"),
        ),
    ]
}

fn members() -> Vec<Case> {
    let long = "x".repeat(256);
    vec![
        Case(
            "no workflow",
            intake(r#"{"payload":{}}"#),
            (400, "missing_member", "pointer", "/workflow"),
        ),
        Case(
            "no payload",
            intake(r#"{"workflow":"shop/order"}"#),
            (400, "missing_member", "pointer", "/payload"),
        ),
        Case(
            "unknown member",
            member("priorty", json!("low")),
            (400, "unknown_member", "pointer", "/priorty"),
        ),
        Case(
            "slash in a member",
            member("a/b", json!(1)),
            (400, "unknown_member", "pointer", "/a~1b"),
        ),
        Case(
            "workflow null",
            member("workflow", Value::Null),
            (400, "invalid_member", "pointer", "/workflow"),
        ),
        Case(
            "workflow number",
            member("workflow", json!(5)),
            (400, "invalid_member", "pointer", "/workflow"),
        ),
        Case(
            "no namespace",
            member("workflow", json!("order")),
            (400, "invalid_member", "pointer", "/workflow"),
        ),
        Case(
            "path up",
            member("workflow", json!("../order")),
            (400, "invalid_member", "pointer", "/workflow"),
        ),
        Case(
            "bad version",
            member("workflow", json!("shop/order:one")),
            (400, "invalid_member", "pointer", "/workflow"),
        ),
        Case(
            "version number",
            member("version", json!(1.0)),
            (400, "invalid_member", "pointer", "/version"),
        ),
        Case(
            "unknown workflow",
            member("workflow", json!("shop/none")),
            (404, "workflow_not_found", "pointer", "/workflow"),
        ),
        Case(
            "unknown version",
            member("version", json!("9.9.9")),
            (404, "workflow_not_found", "pointer", "/workflow"),
        ),
        Case(
            "priority word",
            member("priority", json!("urgent")),
            (400, "invalid_member", "pointer", "/priority"),
        ),
        Case(
            "priority number",
            member("priority", json!(1)),
            (400, "invalid_member", "pointer", "/priority"),
        ),
        Case(
            "callback scheme",
            member("callback_url", json!("ftp://a/b")),
            (400, "invalid_member", "pointer", "/callback_url"),
        ),
        Case(
            "callback path",
            member("callback_url", json!("/done")),
            (400, "invalid_member", "pointer", "/callback_url"),
        ),
        Case(
            "callback secret",
            member("callback_url", json!("https://u:p@a/")),
            (400, "invalid_member", "pointer", "/callback_url"),
        ),
        Case(
            "callback long",
            member("callback_url", json!(format!("https://a/{}", long.repeat(4)))),
            (400, "invalid_member", "pointer", "/callback_url"),
        ),
        Case(
            "callback object",
            member("callback_url", json!({})),
            (400, "invalid_member", "pointer", "/callback_url"),
        ),
        Case(
            "run_at word",
            member("run_at", json!("tomorrow")),
            (400, "invalid_member", "pointer", "/run_at"),
        ),
        Case(
            "run_at local",
            member("run_at", json!("2026-01-01T00:00:00")),
            (400, "invalid_member", "pointer", "/run_at"),
        ),
        Case(
            "run_at number",
            member("run_at", json!(1_767_225_600)),
            (400, "invalid_member", "pointer", "/run_at"),
        ),
        Case(
            "run_at no day",
            member("run_at", json!("2026-02-30T00:00:00Z")),
            (400, "invalid_member", "pointer", "/run_at"),
        ),
        Case(
            "key empty",
            member("idempotency_key", json!("")),
            (400, "invalid_member", "pointer", "/idempotency_key"),
        ),
        Case(
            "key long",
            member("idempotency_key", json!(long)),
            (400, "invalid_member", "pointer", "/idempotency_key"),
        ),
        Case(
            "key control",
            member("idempotency_key", json!("a\tb")),
            (400, "invalid_member", "pointer", "/idempotency_key"),
        ),
        Case(
            "payload too large",
            payload(&format!("\"{}\"", "x".repeat(200 * 1024))),
            (413, "payload_too_large", "pointer", "/payload"),
        ),
        Case(
            "body too large",
            payload(&format!("\"{}\"", "x".repeat(512 * 1024))),
            (413, "body_too_large", "code", "body_too_large"),
        ),
        Case(
            "payload against schema",
            intake(r#"{"workflow":"shop/checked","payload":{"mail":"a@example.com","x":1}}"#),
            (422, "invalid_input", "pointer", "/payload"),
        ),
        Case(
            "payload of another type",
            intake(r#"{"workflow":"shop/checked","payload":[]}"#),
            (422, "invalid_input", "pointer", "/payload"),
        ),
    ]
}

fn headers() -> Vec<Case> {
    let good = || member("priority", json!("low"));
    vec![
        Case(
            "no type",
            ("POST", "/api/v1/intake".into(), Vec::new(), b"{}".to_vec()),
            (415, "unsupported_media_type", "header", "Content-Type"),
        ),
        Case(
            "form",
            with_header(good(), "content-type", b"application/x-www-form-urlencoded"),
            (415, "unsupported_media_type", "header", "Content-Type"),
        ),
        Case(
            "charset",
            with_header(good(), "content-type", b"application/json; charset=utf-16"),
            (415, "unsupported_media_type", "header", "Content-Type"),
        ),
        Case(
            "type is bytes",
            with_header(good(), "content-type", b"\xff\xfe"),
            (415, "unsupported_media_type", "header", "Content-Type"),
        ),
        Case(
            "compressed",
            with_header(good(), "content-encoding", b"gzip"),
            (415, "unsupported_media_type", "header", "Content-Encoding"),
        ),
        Case(
            "empty key",
            with_header(good(), "idempotency-key", b""),
            (400, "invalid_header", "header", "Idempotency-Key"),
        ),
        Case(
            "key of bytes",
            with_header(good(), "idempotency-key", b"\xff"),
            (400, "invalid_header", "header", "Idempotency-Key"),
        ),
        Case(
            "long key",
            with_header(good(), "idempotency-key", &[b'k'; 256]),
            (400, "invalid_header", "header", "Idempotency-Key"),
        ),
        Case(
            "keys that differ",
            with_header(member("idempotency_key", json!("a")), "idempotency-key", b"b"),
            (400, "invalid_header", "header", "Idempotency-Key"),
        ),
        Case(
            "declared too large",
            with_header(good(), "content-length", b"99999999"),
            (413, "body_too_large", "code", "body_too_large"),
        ),
        Case(
            "key scheme",
            with_header(good(), "authorization", b"Basic YTpi"),
            (401, "unauthenticated", "code", "unauthenticated"),
        ),
        Case(
            "key of bytes",
            with_header(good(), "authorization", b"Bearer \xff"),
            (401, "unauthenticated", "code", "unauthenticated"),
        ),
    ]
}

fn queries() -> Vec<Case> {
    let run = "/api/v1/runs/00000000-0000-7000-8000-000000000000";
    vec![
        Case(
            "unknown parameter",
            get("/api/v1/runs?stat=running"),
            (400, "unknown_parameter", "parameter", "stat"),
        ),
        Case(
            "parameter twice",
            get("/api/v1/runs?limit=1&limit=2"),
            (400, "unknown_parameter", "parameter", "limit"),
        ),
        Case(
            "state",
            get("/api/v1/runs?state=done"),
            (400, "invalid_parameter", "parameter", "state"),
        ),
        Case(
            "one state of two",
            get("/api/v1/runs?state=running,"),
            (400, "invalid_parameter", "parameter", "state"),
        ),
        Case(
            "limit 0",
            get("/api/v1/runs?limit=0"),
            (400, "invalid_parameter", "parameter", "limit"),
        ),
        Case(
            "limit 201",
            get("/api/v1/runs?limit=201"),
            (400, "invalid_parameter", "parameter", "limit"),
        ),
        Case(
            "limit word",
            get("/api/v1/workflows?limit=all"),
            (400, "invalid_parameter", "parameter", "limit"),
        ),
        Case(
            "limit huge",
            get("/api/v1/runs?limit=99999999999999999999"),
            (400, "invalid_parameter", "parameter", "limit"),
        ),
        Case(
            "workflow",
            get("/api/v1/runs?workflow=order"),
            (400, "invalid_parameter", "parameter", "workflow"),
        ),
        Case(
            "version alone",
            get("/api/v1/runs?version=1.0.0"),
            (400, "invalid_parameter", "parameter", "version"),
        ),
        Case(
            "time",
            get("/api/v1/runs?created_after=today"),
            (400, "invalid_parameter", "parameter", "created_after"),
        ),
        Case(
            "plus in a time",
            get("/api/v1/runs?created_before=2026-01-01T00:00:00+01:00"),
            (400, "invalid_parameter", "parameter", "created_before"),
        ),
        Case(
            "cursor",
            get("/api/v1/runs?cursor=abc"),
            (400, "invalid_cursor", "parameter", "cursor"),
        ),
        Case(
            "cursor of zeros",
            get(&format!("/api/v1/workflows?cursor={}", "0".repeat(48))),
            (400, "invalid_cursor", "parameter", "cursor"),
        ),
        Case(
            "wait long",
            get(&format!("{run}?wait=61s")),
            (400, "invalid_parameter", "parameter", "wait"),
        ),
        Case(
            "wait word",
            get(&format!("{run}?wait=forever")),
            (400, "invalid_parameter", "parameter", "wait"),
        ),
        Case(
            "NUL in the query",
            get("/api/v1/runs?state=%00"),
            (400, "nul_character", "parameter", "state"),
        ),
        Case(
            "bytes in the query",
            get("/api/v1/runs?state=%ff"),
            (400, "invalid_encoding", "code", "invalid_encoding"),
        ),
        Case(
            "bytes in the path",
            get("/api/v1/runs/%ff"),
            (400, "invalid_encoding", "code", "invalid_encoding"),
        ),
        Case("no such run", get(run), (404, "run_not_found", "parameter", "id")),
        Case(
            "no id at all",
            get("/api/v1/runs/%00"),
            (404, "run_not_found", "parameter", "id"),
        ),
        Case(
            "no such path",
            get("/api/v1/run"),
            (404, "not_found", "code", "not_found"),
        ),
        Case(
            "no such method",
            ("PUT", "/api/v1/intake".into(), Vec::new(), Vec::new()),
            (405, "method_not_allowed", "code", "method_not_allowed"),
        ),
        Case(
            "strange method",
            ("BREW", "/api/v1/runs".into(), Vec::new(), Vec::new()),
            (405, "method_not_allowed", "code", "method_not_allowed"),
        ),
    ]
}

fn documents() -> Vec<Case> {
    let path = "/api/v1/workflows";
    let broken = |from: &str, to: &str| NOOP.replace(from, to);
    vec![
        Case(
            "no document",
            post(path, YAML, ""),
            (422, "invalid_document", "code", "invalid_document"),
        ),
        Case(
            "not YAML",
            post(path, YAML, "a: [1"),
            (422, "invalid_document", "code", "invalid_document"),
        ),
        Case(
            "unknown task",
            post(path, YAML, broken("set:", "sat:")),
            (422, "invalid_document", "pointer", "/do/0/reply"),
        ),
        Case(
            "bad version",
            post(path, YAML, broken("version: '1.0.0'", "version: one")),
            (422, "invalid_document", "pointer", "/document/version"),
        ),
        Case(
            "anchors",
            post(path, YAML, broken("{ok: true}", "&a {ok: true}")),
            (422, "invalid_document", "line", "3"),
        ),
        Case(
            "NUL",
            post(path, YAML, broken("ok: true", r#"ok: "\0""#)),
            (422, "invalid_document", "line", "3"),
        ),
        Case(
            "duplicate key",
            post(path, YAML, broken("{ok: true}", "{ok: 1, ok: 2}")),
            (422, "invalid_document", "line", "3"),
        ),
        Case(
            "deep",
            post(
                path,
                YAML,
                broken("{ok: true}", &("[".repeat(100) + &"]".repeat(100))),
            ),
            (422, "invalid_document", "line", "3"),
        ),
        Case(
            "bad UTF-8",
            post(path, YAML, b"document: \xff".to_vec()),
            (422, "invalid_document", "code", "invalid_document"),
        ),
        Case(
            "bad expression",
            post(path, YAML, broken("{ok: true}", "{ok: '${ . | }'}")),
            (422, "invalid_document", "pointer", "/do/0/reply/set/ok"),
        ),
        Case(
            "unknown activity",
            post(path, YAML, broken("set: {ok: true}", "call: none")),
            (422, "invalid_document", "pointer", "/do/0/reply/call"),
        ),
        Case(
            "bad schema",
            post(path, YAML, CHECKED.replace("type: object", "type: 5")),
            (422, "invalid_document", "pointer", "/input/schema/document"),
        ),
        Case(
            "remote schema",
            post(
                path,
                YAML,
                CHECKED.replace("type: object", "$ref: 'https://example.com/s.json'"),
            ),
            (422, "invalid_document", "pointer", "/input/schema/document/$ref"),
        ),
        Case(
            "other type",
            post(path, "text/html", NOOP),
            (415, "unsupported_media_type", "header", "Content-Type"),
        ),
        Case(
            "version taken",
            post(path, YAML, broken("ok: true", "ok: false")),
            (409, "version_conflict", "pointer", "/document/version"),
        ),
    ]
}

fn others() -> Vec<Case> {
    let event = |text: &str| post("/api/v1/events", EVENT, text);
    vec![
        Case(
            "event without type",
            event(r#"{"specversion":"1.0","id":"1","source":"/s"}"#),
            (400, "invalid_event", "pointer", "/type"),
        ),
        Case(
            "event of another version",
            event(r#"{"specversion":"2.0","id":"1","source":"/s","type":"t"}"#),
            (400, "invalid_event", "pointer", "/specversion"),
        ),
        Case(
            "event is a list",
            event("[]"),
            (400, "invalid_member", "pointer", ""),
        ),
        Case(
            "event without headers",
            post("/api/v1/events", JSON, "{}"),
            (400, "invalid_event", "header", "ce-specversion"),
        ),
        Case(
            "bad event in a batch",
            post(
                "/api/v1/events",
                "application/cloudevents-batch+json",
                r#"[{"id":1}]"#,
            ),
            (400, "invalid_event", "pointer", "/0/specversion"),
        ),
        Case(
            "batch is no list",
            post("/api/v1/intake/batch", JSON, "{}"),
            (400, "invalid_json", "line", "1"),
        ),
        Case(
            "key without name",
            post("/api/v1/keys", JSON, "{}"),
            (400, "missing_member", "pointer", "/name"),
        ),
        Case(
            "key with a blank name",
            post("/api/v1/keys", JSON, r#"{"name":" "}"#),
            (400, "invalid_member", "pointer", "/name"),
        ),
        Case(
            "key with a plan",
            post("/api/v1/keys", JSON, r#"{"name":"a","plan":"enterprise"}"#),
            (400, "unknown_member", "pointer", "/plan"),
        ),
        Case(
            "no such key",
            ("DELETE", "/api/v1/keys/x".into(), Vec::new(), Vec::new()),
            (404, "key_not_found", "parameter", "id"),
        ),
        Case(
            "no such run to cancel",
            ("POST", "/api/v1/runs/x/cancel".into(), Vec::new(), Vec::new()),
            (404, "run_not_found", "parameter", "id"),
        ),
        Case(
            "no such workflow",
            get("/api/v1/workflows/shop/none"),
            (404, "workflow_not_found", "code", "workflow_not_found"),
        ),
        Case(
            "no such error code",
            get("/errors/none"),
            (404, "not_found", "parameter", "code"),
        ),
    ]
}

#[tokio::test]
async fn each_is_refused_with_its_code_and_place_and_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user.store(CHECKED).await.expect(201);
    let before = everything(&user).await;
    let cases = [
        json_texts(),
        members(),
        headers(),
        queries(),
        documents(),
        others(),
    ]
    .into_iter()
    .flatten();
    let cases: Vec<Case> = cases.collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for Case(name, sent, expected) in cases {
        let found = refused(&user, sent, expected.2).await;
        let expected = (expected.0, expected.1.to_owned(), expected.3.to_owned());
        if found != expected {
            wrong.push(format!("{name}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(everything(&user).await, before);
}

async fn refused(user: &User, (method, path, headers, body): Sent, place: &str) -> (u16, String, String) {
    let mut user = user.clone();
    if headers.iter().any(|(name, _)| *name == "authorization") {
        user.key = None;
    }
    let mut call = user.call(method, &path).plain_body(body);
    for (name, value) in &headers {
        call = call.header_bytes(name, value);
    }
    let answer = call.send().await;
    let problem = answer.json();
    let found = match &problem[place] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (
        answer.status,
        problem["code"].as_str().unwrap_or_default().to_owned(),
        found,
    )
}

/// All rows that a caller can see.
async fn everything(user: &User) -> Vec<Value> {
    let mut rows = Vec::new();
    for path in [
        "/api/v1/runs?limit=200",
        "/api/v1/workflows?limit=200",
        "/api/v1/keys",
    ] {
        rows.push(user.get(path).await.expect(200).json());
    }
    rows
}
