//! What every answer must keep, whatever the test is about: the OpenAPI document's word, RFC 9457, the headers.

use std::sync::LazyLock;

use poem::http::Method;
use serde_json::{Value, json};

use super::{answer::Answer, html};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(levqor_api::document()).unwrap());

#[track_caller]
pub(crate) fn check(method: &Method, path: &str, answer: &Answer) {
    check_headers(answer);
    let path = path.split('?').next().unwrap();
    let is_problem = answer
        .headers
        .get("content-type")
        .is_some_and(|value| value == "application/problem+json");
    // What a person opened in a browser is answered with a page; that of the documentation is the framework's.
    let is_page = !path.starts_with("/api/v1/") && path != "/docs" && is_html(answer);
    if is_page && method != Method::HEAD {
        html::check(std::str::from_utf8(&answer.body).unwrap());
    }
    if answer.status >= 400 && method != Method::HEAD {
        assert!(
            is_problem || is_page || path == "/health/ready",
            "{method} {path} answered {} without a problem",
            answer.status
        );
    }
    if is_problem {
        check_problem(answer);
    }
    if let Some(operation) = operation(method, path).filter(|_| method != Method::OPTIONS) {
        check_operation(method, path, operation, answer);
    }
}

fn is_html(answer: &Answer) -> bool {
    let content = answer.headers.get("content-type");
    content.is_some_and(|value| value == "text/html; charset=utf-8")
}

#[track_caller]
fn check_headers(answer: &Answer) {
    for name in [
        "strict-transport-security",
        "content-security-policy",
        "cross-origin-opener-policy",
        "cross-origin-embedder-policy",
        "cross-origin-resource-policy",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "permissions-policy",
        "cache-control",
        "x-request-id",
    ] {
        answer.header(name);
    }
}

#[track_caller]
fn check_problem(answer: &Answer) {
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status);
    assert!(
        problem["type"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/errors/{}", problem["code"].as_str().unwrap()))
    );
    assert_eq!(problem["instance"], answer.header("x-request-id"));
    for status in [429, 503] {
        if answer.status == status {
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        }
    }
}

/// The described operation that a request reaches.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let method = if method == Method::HEAD {
        "get".into()
    } else {
        method.as_str().to_lowercase()
    };
    let paths = DOCUMENT["paths"].as_object()?;
    let exact = paths.get(path);
    let template = paths
        .iter()
        .find(|(template, _)| fits(template, path))
        .map(|(_, item)| item);
    exact.or(template)?.get(method)
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(wanted, found)| wanted.starts_with('{') || *wanted == found)
}

#[track_caller]
fn check_operation(method: &Method, path: &str, operation: &Value, answer: &Answer) {
    let described = &operation["responses"][answer.status.to_string()];
    assert!(
        described.is_object(),
        "{method} {path}: {} is not in the document",
        answer.status
    );
    let content = answer
        .headers
        .get("content-type")
        .map(|value| value.to_str().unwrap())
        .unwrap_or_default();
    if is_html(answer) && path != "/docs" {
        assert!(
            described["content"][content].is_object(),
            "{method} {path}: no page in the document"
        );
    }
    if method == Method::HEAD || !(content.ends_with("json") && described["content"][content].is_object()) {
        return;
    }
    let mut schema = described["content"][content]["schema"].clone();
    schema["components"] = DOCUMENT["components"].clone();
    let body = answer.json();
    let validator = jsonschema::options().build(&schema).unwrap();
    if let Err(error) = validator.validate(&body) {
        panic!("{method} {path}: {error} at {} in {body}", error.instance_path());
    }
    assert_ne!(body, json!(null));
}
