//! Bad input over the wire: each row its status, code and pointer; none is our fault (5xx), none leaves a row behind.

use anyhow::{Result, ensure};
use levqor_tests::{Client, Embedded, noop};
use reqwest::Method;
use serde_json::Value;

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
const EVENT: &str = "application/cloudevents+json";

/// A body that is refused: where it is sent, as what, and what is answered. For documents (422) code and pointer
/// are those of the first problem.
struct Row {
    path: &'static str,
    media: &'static str,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
    status: u16,
    code: &'static str,
    pointer: &'static str,
}

fn row(
    path: &'static str,
    media: &'static str,
    body: impl Into<Vec<u8>>,
    expected: (u16, &'static str, &'static str),
) -> Row {
    let (status, code, pointer) = expected;
    Row {
        path,
        media,
        body: body.into(),
        headers: Vec::new(),
        status,
        code,
        pointer,
    }
}

fn intake(body: impl Into<Vec<u8>>, expected: (u16, &'static str, &'static str)) -> Row {
    row("/api/v1/intake", JSON, body, expected)
}

fn event(body: impl Into<Vec<u8>>, expected: (u16, &'static str, &'static str)) -> Row {
    row("/api/v1/events", EVENT, body, expected)
}

/// A document with these tasks; `pointer` of its first problem.
fn tasks(tasks: &str, code: &'static str, pointer: &'static str) -> Row {
    document(&format!("{HEAD}do:\n{tasks}\n"), code, pointer)
}

fn document(text: &str, code: &'static str, pointer: &'static str) -> Row {
    row("/api/v1/workflows", YAML, text, (422, code, pointer))
}

/// Where the 65th level begins: in a payload, and in a document that is nothing else.
const TOO_DEEP: &str = "/payload/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0";
const TOO_DEEP_DOCUMENT: &str = "/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0";

const HEAD: &str = "document: { dsl: 1.0.3, namespace: test, name: bad, version: 1.0.0 }\n";

fn malformed_bodies() -> Vec<Row> {
    vec![
        intake("", (400, "invalid_json", "")),
        intake("{", (400, "invalid_json", "")),
        intake("{} {}", (400, "invalid_json", "")),
        intake("{'workflow': 1}", (400, "invalid_json", "")),
        intake("{\"workflow\": NaN}", (400, "invalid_json", "/workflow")),
        intake(
            b"{\"workflow\": \"\xff\"}".to_vec(),
            (400, "invalid_encoding", ""),
        ),
        intake(b"\xef\xbb\xbf{}".to_vec(), (400, "invalid_json", "")),
        intake("[]", (400, "invalid_member", "")),
        intake("null", (400, "invalid_member", "")),
        intake("{}", (400, "missing_member", "/workflow")),
        intake(
            r#"{"workflow":"test/noop","workflow":"x/y","payload":{}}"#,
            (400, "duplicate_key", "/workflow"),
        ),
        intake(
            r#"{"workflow":"test/noop","payload":{"a":1,"a":2}}"#,
            (400, "duplicate_key", "/payload/a"),
        ),
        intake(
            "{\"workflow\":\"test/noop\",\"payload\":{\"a\":\"\\u0000\"}}",
            (400, "nul_character", "/payload/a"),
        ),
        intake(
            b"{\"workflow\":\"test/noop\",\"payload\":{\"a\":\"\0\"}}".to_vec(),
            (400, "nul_character", "/payload/a"),
        ),
        intake(nested(100), (400, "nesting_too_deep", TOO_DEEP)),
        intake(nested(100_000), (400, "nesting_too_deep", TOO_DEEP)),
        intake(
            r#"{"workflow":"test/noop","payload":{"a":1e999}}"#,
            (400, "number_out_of_range", "/payload/a"),
        ),
        intake(large(201 * 1024), (413, "payload_too_large", "/payload")),
        intake(large(600 * 1024), (413, "body_too_large", "")),
        row(
            "/api/v1/intake",
            "text/html",
            "{}",
            (415, "unsupported_media_type", ""),
        ),
        row(
            "/api/v1/intake",
            "application/json; charset=latin1",
            "{}",
            (415, "unsupported_media_type", ""),
        ),
    ]
}

fn nested(depth: usize) -> String {
    format!(
        r#"{{"workflow":"test/noop","payload":{}{}}}"#,
        "[".repeat(depth),
        "]".repeat(depth)
    )
}

fn large(bytes: usize) -> String {
    format!(r#"{{"workflow":"test/noop","payload":"{}"}}"#, "x".repeat(bytes))
}

fn malformed_members() -> Vec<Row> {
    let with = |member: &str, code: &'static str, pointer: &'static str| {
        intake(
            format!(r#"{{"workflow":"test/noop","payload":{{}},{member}}}"#),
            (400, code, pointer),
        )
    };
    vec![
        intake(
            r#"{"workflow":5,"payload":{}}"#,
            (400, "invalid_member", "/workflow"),
        ),
        intake(
            r#"{"workflow":"noop","payload":{}}"#,
            (400, "invalid_member", "/workflow"),
        ),
        intake(
            r#"{"workflow":"test/noop:","payload":{}}"#,
            (400, "invalid_member", "/workflow"),
        ),
        intake(
            r#"{"workflow":"test/none","payload":{}}"#,
            (404, "workflow_not_found", "/workflow"),
        ),
        intake(
            r#"{"workflow":"test/noop:9.9.9","payload":{}}"#,
            (404, "workflow_not_found", "/workflow"),
        ),
        with(r#""priorty":"low""#, "unknown_member", "/priorty"),
        with(r#""priority":"urgent""#, "invalid_member", "/priority"),
        with(r#""priority":1"#, "invalid_member", "/priority"),
        with(r#""version":"one""#, "invalid_member", "/version"),
        with(r#""run_at":"tomorrow""#, "invalid_member", "/run_at"),
        with(r#""run_at":0"#, "invalid_member", "/run_at"),
        with(
            r#""callback_url":"ftp://example.com""#,
            "invalid_member",
            "/callback_url",
        ),
        with(r#""callback_url":"/relative""#, "invalid_member", "/callback_url"),
        with(
            &format!(r#""callback_url":"http://example.com/{}""#, "x".repeat(1_100)),
            "invalid_member",
            "/callback_url",
        ),
        with(r#""idempotency_key":"""#, "invalid_member", "/idempotency_key"),
        with(
            &format!(r#""idempotency_key":"{}""#, "k".repeat(256)),
            "invalid_member",
            "/idempotency_key",
        ),
    ]
}

fn malformed_events() -> Vec<Row> {
    vec![
        event("{}", (400, "invalid_event", "/specversion")),
        event(
            r#"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#,
            (400, "invalid_event", "/specversion"),
        ),
        event(
            r#"{"specversion":"1.0","source":"/s","type":"t"}"#,
            (400, "invalid_event", "/id"),
        ),
        event(
            r#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#,
            (400, "invalid_event", "/id"),
        ),
        event(
            r#"{"specversion":"1.0","id":"1","type":"t"}"#,
            (400, "invalid_event", "/source"),
        ),
        event(
            r#"{"specversion":"1.0","id":"1","source":"/s"}"#,
            (400, "invalid_event", "/type"),
        ),
        event(
            r#"{"specversion":"1.0","id":"1","source":"/s","type":7}"#,
            (400, "invalid_event", "/type"),
        ),
        event("[1]", (400, "invalid_member", "")),
    ]
}

fn malformed_documents() -> Vec<Row> {
    let bomb = format!(
        "{HEAD}do: &a [{{ b: {{ set: {{ c: 1 }} }} }}]\ninput: [{0}]\n",
        "*a,".repeat(9)
    );
    vec![
        document("", "empty_document", ""),
        document("a: [", "invalid_yaml", ""),
        document(&bomb, "yaml_anchor", "/do"),
        document(
            &format!("{HEAD}do: [a: {{ set: {{ b: 1 }} }}]\ndo: []"),
            "duplicate_key",
            "/do",
        ),
        document(
            &format!("{}1{}", "[".repeat(200), "]".repeat(200)),
            "too_deep",
            TOO_DEEP_DOCUMENT,
        ),
        document(
            "do: []\ndocument: { dsl: 2.0.0, namespace: a, name: a, version: 1.0.0 }",
            "unsupported_dsl",
            "/document/dsl",
        ),
        tasks("  - a: { }", "missing_task_kind", "/do/0/a"),
        tasks("  - a: { call: nothing }", "unknown_activity", "/do/0/a/call"),
        tasks(
            "  - a: { set: { b: '${ .a ===' } }",
            "mixed_expression",
            "/do/0/a/set/b",
        ),
        tasks(
            "  - a: { set: { b: '${ .a === }' } }",
            "invalid_expression",
            "/do/0/a/set/b",
        ),
        tasks(
            "  - a: { set: { b: '${ halt }' } }",
            "invalid_expression",
            "/do/0/a/set/b",
        ),
        tasks(
            "  - a: { set: { b: '${ env }' } }",
            "invalid_expression",
            "/do/0/a/set/b",
        ),
        tasks(
            "  - a: { fork: { branches: [] } }",
            "unsupported_construct",
            "/do/0/a/fork",
        ),
        tasks(
            "  - a: { run: { shell: { command: ls } } }",
            "unsupported_construct",
            "/do/0/a/run",
        ),
        tasks("  - a: { wait: soon }", "invalid_duration", "/do/0/a/wait"),
        tasks(
            "  - a: { set: { b: 1 }, then: nowhere }",
            "unknown_target",
            "/do/0/a/then",
        ),
        tasks(
            "  - a: { call: http, with: { method: get } }",
            "missing_property",
            "/do/0/a/with",
        ),
        document(
            &format!("{HEAD}schedule: {{ cron: '61 * * * *' }}\ndo: [a: {{ set: {{ b: 1 }} }}]"),
            "invalid_cron",
            "/schedule/cron",
        ),
        document(
            &format!("{HEAD}schedule: {{ every: PT0.1S }}\ndo: [a: {{ set: {{ b: 1 }} }}]"),
            "invalid_duration",
            "/schedule/every",
        ),
        document(
            &format!(
                "{HEAD}input: {{ schema: {{ document: {{ $ref: 'file:///etc/passwd' }} }} }}\ndo: [a: {{ set: {{ b: 1 }} }}]"
            ),
            "invalid_schema",
            "/input/schema/document/$ref",
        ),
    ]
}

fn malformed_headers() -> Vec<Row> {
    let body = r#"{"workflow":"test/noop","payload":{}}"#;
    let with = |name: &'static str, value: String, code: &'static str| {
        let mut row = intake(body, (400, code, ""));
        row.headers.push((name, value));
        row
    };
    let mut contradiction = intake(
        r#"{"workflow":"test/noop","payload":{},"idempotency_key":"a"}"#,
        (400, "invalid_header", ""),
    );
    contradiction.headers.push(("idempotency-key", "b".to_owned()));
    let mut compressed = intake(body, (415, "unsupported_media_type", ""));
    compressed.headers.push(("content-encoding", "gzip".to_owned()));
    vec![
        with("idempotency-key", "k".repeat(300), "invalid_header"),
        with("idempotency-key", String::new(), "invalid_header"),
        contradiction,
        compressed,
    ]
}

async fn refuse(client: &Client, row: Row) -> Result<()> {
    let shown = String::from_utf8_lossy(&row.body)
        .chars()
        .take(90)
        .collect::<String>();
    let mut request = client
        .request(Method::POST, row.path)
        .header("content-type", row.media)
        .body(row.body);
    for (name, value) in &row.headers {
        request = request.header(*name, value);
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let media = response
        .headers()
        .get("content-type")
        .and_then(|media| media.to_str().ok())
        .unwrap_or("")
        .to_owned();
    let problem: Value = serde_json::from_str(&response.text().await?)?;
    ensure!(media.starts_with("application/problem+json"), "{shown}: {media}");
    let of = if status == 422 {
        &problem["errors"][0]
    } else {
        &problem
    };
    let told = (
        status,
        of["code"].as_str().unwrap_or(""),
        of["pointer"].as_str().unwrap_or(""),
    );
    ensure!(
        told == (row.status, row.code, row.pointer),
        "{} {shown}\n  told {told:?}\n  {problem}",
        row.path
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_input_is_refused_with_code_and_pointer_and_leaves_nothing_behind() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client.store(&noop()).await?;
    let rows: Vec<Row> = [
        malformed_bodies(),
        malformed_members(),
        malformed_events(),
        malformed_documents(),
        malformed_headers(),
    ]
    .into_iter()
    .flatten()
    .collect();
    ensure!(rows.len() >= 60, "only {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        if let Err(error) = refuse(client, row).await {
            wrong.push(error.to_string());
        }
    }
    ensure!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
    let (_, runs) = client.get("/api/v1/runs").await?;
    ensure!(runs["runs"].as_array().is_some_and(Vec::is_empty), "{runs}");
    let (_, workflows) = client.get("/api/v1/workflows").await?;
    ensure!(
        workflows["workflows"]
            .as_array()
            .is_some_and(|list| list.len() == 1),
        "{workflows}"
    );
    Ok(())
}

#[tokio::test]
async fn bad_keys_paths_methods_and_queries_are_refused_in_the_same_form() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    let cases = [
        (Method::GET, "/nowhere", 404, "not_found"),
        (Method::DELETE, "/api/v1/intake", 405, "method_not_allowed"),
        (Method::GET, "/api/v1/runs/none", 404, "run_not_found"),
        (
            Method::GET,
            "/api/v1/runs/00000000-0000-7000-8000-000000000000",
            404,
            "run_not_found",
        ),
        (Method::GET, "/api/v1/runs?limit=0", 400, "invalid_parameter"),
        (
            Method::GET,
            "/api/v1/runs?limit=1000000",
            400,
            "invalid_parameter",
        ),
        (Method::GET, "/api/v1/runs?state=asleep", 400, "invalid_parameter"),
        (Method::GET, "/api/v1/runs?cursor=AAAA", 400, "invalid_cursor"),
        (Method::GET, "/api/v1/runs?colour=red", 400, "unknown_parameter"),
        (
            Method::GET,
            "/api/v1/runs?created_after=yesterday",
            400,
            "invalid_parameter",
        ),
        (
            Method::POST,
            "/api/v1/runs/00000000-0000-7000-8000-000000000000/cancel",
            404,
            "run_not_found",
        ),
    ];
    for (method, path, status, code) in cases {
        let response = client.request(method, path).send().await?;
        let told = response.status().as_u16();
        let problem: Value = response.json().await?;
        ensure!(
            told == status && problem["code"] == code,
            "{path}: {told} {problem}"
        );
    }
    for key in ["", "Bearer", "Basic eDp5", "Bearer lvk_", "Bearer \u{e9}"] {
        let request = client
            .anonymous(Method::GET, "/api/v1/runs")
            .header("authorization", key.as_bytes());
        let status = request.send().await?.status().as_u16();
        ensure!(status == 401 || status == 400, "{key:?}: {status}");
    }
    Ok(())
}
