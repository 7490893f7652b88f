//! The OpenAPI document.

use std::collections::HashSet;

use serde_json::Value;

use crate::support::TestApp;

fn document() -> Value {
    serde_json::from_str(levqor_api::document()).unwrap()
}

/// Under `/api/`, yet open to callers without a key.
const OPEN: &[&str] = &[
    "get /api/status",
    "post /api/mail/webhook/resend",
    "post /api/stripe/webhook",
    "post /api/data-export/confirm",
    "post /api/data-export/download",
    "get /api/marketing/consent/confirm",
    "post /api/marketing/consent/confirm",
    "get /api/marketing/unsubscribe/{token}",
    "post /api/marketing/unsubscribe/{token}",
];

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    all.collect()
}

#[test]
fn it_holds_every_operation_once_with_its_problems() {
    let document = document();
    let operations = operations(&document);
    assert!(operations.len() >= 39, "{}", operations.len());
    let mut ids = HashSet::new();
    for (name, operation) in &operations {
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{name}"
        );
        assert!(operation["summary"].is_string(), "{name}");
        let problem = &operation["responses"]["400"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(problem, "#/components/schemas/Problem", "{name}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(
                !response["description"].as_str().unwrap().is_empty(),
                "{name} {status}"
            );
        }
        let asks = operation["security"]
            .as_array()
            .is_some_and(|list| !list.is_empty());
        assert_eq!(operation["responses"]["401"].is_object(), asks, "{name}");
        // A page's form may be refused without anybody having to say who they are.
        assert!(operation["responses"]["403"].is_object() || !asks, "{name}");
        let open = !name.contains(" /api/") || OPEN.contains(&name.as_str());
        assert_eq!(asks, !open, "{name}");
    }
}

#[test]
fn it_is_json_without_a_key_twice_and_its_references_resolve() {
    let text = levqor_api::document();
    let document = document();
    // A member that stood twice would be missing from what was parsed and printed again.
    assert_eq!(
        serde_json::to_string_pretty(&document).unwrap().trim(),
        text.trim()
    );
    for reference in text
        .match_indices("\"$ref\": \"#")
        .map(|(at, start)| &text[at + start.len()..])
    {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn every_parameter_and_member_is_explained() {
    let document = document();
    for (name, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].is_string(),
                "{name}: {}",
                parameter["name"]
            );
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].is_string(), "{name}");
        for (member, described) in schema["properties"].as_object().into_iter().flatten() {
            assert!(described["description"].is_string(), "{name}.{member}");
        }
    }
}

#[tokio::test]
async fn it_is_served_as_it_is_committed() {
    let app = TestApp::start().await;
    let served = app.anonymous().get("/openapi.json").await.expect(200);
    assert_eq!(served.body, levqor_api::document().as_bytes());
}
