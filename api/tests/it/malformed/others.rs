//! Events, batches, keys, pages.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let event = |text: &str| post("/api/v1/events", EVENT, text);
    vec![
        ("event without type", event(r#"{"specversion":"1.0","id":"1","source":"/s"}"#),
            "400 invalid_event pointer /type"),
        ("event of another version", event(r#"{"specversion":"2.0","id":"1","source":"/s","type":"t"}"#),
            "400 invalid_event pointer /specversion"),
        ("event is a list", event("[]"), "400 invalid_member pointer "),
        ("event without headers", post("/api/v1/events", JSON, "{}"),
            "400 invalid_event header ce-specversion"),
        ("bad event in a batch", post("/api/v1/events", "application/cloudevents-batch+json", r#"[{"id":1}]"#),
            "400 invalid_event pointer /0/specversion"),
        ("batch is no list", post("/api/v1/intake/batch", JSON, "{}"), "400 invalid_json line 1"),
        ("key without name", post("/api/v1/keys", JSON, "{}"), "400 missing_member pointer /name"),
        ("key with a blank name", post("/api/v1/keys", JSON, r#"{"name":" "}"#),
            "400 invalid_member pointer /name"),
        ("key with a plan", post("/api/v1/keys", JSON, r#"{"name":"a","plan":"enterprise"}"#),
            "400 unknown_member pointer /plan"),
        ("no such key", bare("DELETE", "/api/v1/keys/x"), "404 key_not_found parameter id"),
        ("no such run to cancel", bare("POST", "/api/v1/runs/x/cancel"), "404 run_not_found parameter id"),
        ("no such workflow", get("/api/v1/workflows/shop/none"), "404 workflow_not_found"),
        ("no such error code", get("/errors/none"), "404 not_found parameter code"),
    ]
}
