//! Bodies that are no JSON, or JSON that nothing behind could hold.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let deep = "[".repeat(65) + &"]".repeat(65);
    vec![
        ("nothing", intake(""), "400 invalid_json line 1"),
        ("not JSON", intake("{workflow: 1}"), "400 invalid_json column 2"),
        ("cut off", intake(r#"{"workflow":"shop/order","#), "400 invalid_json pointer "),
        ("two texts", intake("{} {}"), "400 invalid_json column 4"),
        ("trailing comma", payload("[1,]"), "400 invalid_json pointer /payload/1"),
        ("leading zero", payload("01"), "400 invalid_json pointer "),
        ("bare NaN", payload("NaN"), "400 invalid_json pointer /payload"),
        ("raw newline in a string", payload("\"a\nb\""), "400 invalid_json pointer /payload"),
        ("lone surrogate", payload(r#""\ud800""#), "400 invalid_json pointer /payload"),
        ("byte order mark", intake("\u{feff}{}"), "400 invalid_json column 1"),
        ("an array", intake("[]"), "400 invalid_member pointer "),
        ("a string", intake("\"x\""), "400 invalid_member pointer "),
        ("bad UTF-8", intake(b"{\"workflow\":\"\xff\"}".to_vec()), "400 invalid_encoding column 14"),
        ("UTF-16", intake("\u{0}{\u{0}}"), "400 nul_character column 1"),
        ("NUL escape", payload(r#"{"a":["\u0000"]}"#), "400 nul_character pointer /payload/a/0"),
        ("NUL byte", payload("\"a\u{0}\""), "400 nul_character pointer /payload"),
        ("NUL in a key", payload(r#"{"\u0000":1}"#), "400 nul_character pointer /payload"),
        ("member twice", intake(r#"{"workflow":"a/b","workflow":"c/d"}"#),
            "400 duplicate_key pointer /workflow"),
        ("key twice inside", payload(r#"{"a":{"b":1,"\u0062":2}}"#),
            "400 duplicate_key pointer /payload/a/b"),
        ("too deep", payload(&deep), "400 nesting_too_deep line 1"),
        ("far too deep", payload(&"[".repeat(200_000)), "400 nesting_too_deep line 1"),
        ("huge exponent", payload("{\"a\":1e999}"), "400 number_out_of_range pointer /payload/a"),
        ("huge number", payload(&"9".repeat(400)), "400 number_out_of_range pointer /payload"),
    ]
}
