//! Workflow documents.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let path = "/api/v1/workflows";
    let broken = |from: &str, to: &str| NOOP.replace(from, to);
    vec![
        ("no document", post(path, YAML, ""), "422 invalid_document"),
        ("not YAML", post(path, YAML, "a: [1"), "422 invalid_document"),
        ("unknown task", post(path, YAML, broken("set:", "sat:")),
            "422 invalid_document pointer /do/0/reply"),
        ("bad version", post(path, YAML, broken("version: '1.0.0'", "version: one")),
            "422 invalid_document pointer /document/version"),
        ("anchors", post(path, YAML, broken("{ok: true}", "&a {ok: true}")), "422 invalid_document line 3"),
        ("NUL", post(path, YAML, broken("ok: true", r#"ok: "\0""#)), "422 invalid_document line 3"),
        ("duplicate key", post(path, YAML, broken("{ok: true}", "{ok: 1, ok: 2}")),
            "422 invalid_document line 3"),
        ("deep", post(path, YAML, broken("{ok: true}", &("[".repeat(100) + &"]".repeat(100)))),
            "422 invalid_document line 3"),
        ("bad UTF-8", post(path, YAML, b"document: \xff".to_vec()), "422 invalid_document"),
        ("bad expression", post(path, YAML, broken("{ok: true}", "{ok: '${ . | }'}")),
            "422 invalid_document pointer /do/0/reply/set/ok"),
        ("unknown activity", post(path, YAML, broken("set: {ok: true}", "call: none")),
            "422 invalid_document pointer /do/0/reply/call"),
        ("bad schema", post(path, YAML, CHECKED.replace("type: object", "type: 5")),
            "422 invalid_document pointer /input/schema/document"),
        ("remote schema", post(path, YAML, CHECKED.replace("type: object", "$ref: 'https://example.com/s.json'")),
            "422 invalid_document pointer /input/schema/document/$ref"),
        ("other type", post(path, "text/html", NOOP), "415 unsupported_media_type header Content-Type"),
        ("version taken", post(path, YAML, broken("ok: true", "ok: false")),
            "409 version_conflict pointer /document/version"),
    ]
}
