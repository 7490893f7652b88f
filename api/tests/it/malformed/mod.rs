//! Malformed requests, each with its status, code and place. None is a 5xx, none leaves a row behind.

use serde_json::{Value, json};

mod documents;
mod headers;
mod json_texts;
mod members;
mod others;
mod queries;

use crate::support::{CHECKED, NOOP, TestApp, User};

const JSON: &str = "application/json";
const YAML: &str = "application/yaml";
const EVENT: &str = "application/cloudevents+json";

/// Method, path, headers, body.
type Sent = (&'static str, String, Vec<(&'static str, Vec<u8>)>, Vec<u8>);

/// A name for people, the request, and what is expected: status, code, and if a place is named, the member of the
/// problem that does so with its value.
type Case = (&'static str, Sent, &'static str);

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
    bare("GET", path)
}

fn bare(method: &'static str, path: &str) -> Sent {
    (method, path.into(), Vec::new(), Vec::new())
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

#[tokio::test]
async fn each_is_refused_with_its_code_and_place_and_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user.store(CHECKED).await.expect(201);
    let before = everything(&user).await;
    let tables = [json_texts::cases(), members::cases(), headers::cases()];
    let more = [queries::cases(), documents::cases(), others::cases()];
    let cases: Vec<Case> = tables.into_iter().chain(more).flatten().collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    let mut wrong = Vec::new();
    for (name, sent, expected) in cases {
        let found = refused(&user, sent, expected.split(' ').nth(2)).await;
        if found != expected {
            wrong.push(format!("{name}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(everything(&user).await, before);
}

/// Status, code and the place that a member names.
async fn refused(user: &User, (method, path, headers, body): Sent, place: Option<&str>) -> String {
    let mut user = user.clone();
    if headers.iter().any(|(name, _)| *name == "authorization") {
        user.key = None;
    }
    let mut call = user.call(method, &path).plain_body(body);
    for (name, value) in &headers {
        call = call.header_bytes(name, value);
    }
    let answer = call.send().await;
    let (status, code) = answer.problem();
    let found = place.map(|place| match &answer.json()[place] {
        Value::String(text) => format!(" {place} {text}"),
        other => format!(" {place} {other}"),
    });
    format!("{status} {code}{}", found.unwrap_or_default())
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
