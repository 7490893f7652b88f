//! Members of a request to start a run.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let long = "x".repeat(256);
    vec![
        ("no workflow", intake(r#"{"payload":{}}"#), "400 missing_member pointer /workflow"),
        ("no payload", intake(r#"{"workflow":"shop/order"}"#), "400 missing_member pointer /payload"),
        ("unknown member", member("priorty", json!("low")), "400 unknown_member pointer /priorty"),
        ("slash in a member", member("a/b", json!(1)), "400 unknown_member pointer /a~1b"),
        ("workflow null", member("workflow", Value::Null), "400 invalid_member pointer /workflow"),
        ("workflow number", member("workflow", json!(5)), "400 invalid_member pointer /workflow"),
        ("no namespace", member("workflow", json!("order")), "400 invalid_member pointer /workflow"),
        ("path up", member("workflow", json!("../order")), "400 invalid_member pointer /workflow"),
        ("bad version", member("workflow", json!("shop/order:one")), "400 invalid_member pointer /workflow"),
        ("version number", member("version", json!(1.0)), "400 invalid_member pointer /version"),
        ("unknown workflow", member("workflow", json!("shop/none")),
            "404 workflow_not_found pointer /workflow"),
        ("unknown version", member("version", json!("9.9.9")), "404 workflow_not_found pointer /workflow"),
        ("priority word", member("priority", json!("urgent")), "400 invalid_member pointer /priority"),
        ("priority number", member("priority", json!(1)), "400 invalid_member pointer /priority"),
        ("callback scheme", member("callback_url", json!("ftp://a/b")),
            "400 invalid_member pointer /callback_url"),
        ("callback path", member("callback_url", json!("/done")), "400 invalid_member pointer /callback_url"),
        ("callback secret", member("callback_url", json!("https://u:p@a/")),
            "400 invalid_member pointer /callback_url"),
        ("callback long", member("callback_url", json!(format!("https://a/{}", long.repeat(4)))),
            "400 invalid_member pointer /callback_url"),
        ("callback object", member("callback_url", json!({})), "400 invalid_member pointer /callback_url"),
        ("run_at word", member("run_at", json!("tomorrow")), "400 invalid_member pointer /run_at"),
        ("run_at local", member("run_at", json!("2026-01-01T00:00:00")),
            "400 invalid_member pointer /run_at"),
        ("run_at number", member("run_at", json!(1_767_225_600)), "400 invalid_member pointer /run_at"),
        ("run_at no day", member("run_at", json!("2026-02-30T00:00:00Z")),
            "400 invalid_member pointer /run_at"),
        ("key empty", member("idempotency_key", json!("")), "400 invalid_member pointer /idempotency_key"),
        ("key long", member("idempotency_key", json!(long)), "400 invalid_member pointer /idempotency_key"),
        ("key control", member("idempotency_key", json!("a\tb")),
            "400 invalid_member pointer /idempotency_key"),
        ("payload too large", payload(&format!("\"{}\"", "x".repeat(200 * 1024))),
            "413 payload_too_large pointer /payload"),
        ("body too large", payload(&format!("\"{}\"", "x".repeat(512 * 1024))), "413 body_too_large"),
        ("payload against schema", intake(r#"{"workflow":"shop/checked","payload":{"mail":"a@example.com","x":1}}"#),
            "422 invalid_input pointer /payload"),
        ("payload of another type", intake(r#"{"workflow":"shop/checked","payload":[]}"#),
            "422 invalid_input pointer /payload"),
    ]
}
