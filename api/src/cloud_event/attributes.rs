//! Context attributes: names, types and the rules of the required ones (CloudEvents 1.0.2, section 3).

use crate::time;

/// Most characters of an attribute that is a string.
const LENGTH: usize = 1024;

/// Attributes every event has.
pub(super) const REQUIRED: [&str; 4] = ["specversion", "id", "source", "type"];

/// Lower-case letters and digits, at most 20 by the specification's advice; twice that is taken.
pub(super) fn name_is_good(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// What is wrong with an attribute's text, if anything.
pub(super) fn fault(name: &str, text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("It must not be empty.");
    }
    if text.chars().count() > LENGTH || text.chars().any(char::is_control) {
        return Some("It has more than 1,024 characters, or control characters.");
    }
    match name {
        "specversion" if text != "1.0" => Some("Only version 1.0 is taken."),
        "time" if time::parse(text).is_none() => Some("Expected an RFC 3339 time."),
        "source" | "dataschema" if text.contains(char::is_whitespace) => Some("Expected a URI."),
        _ => None,
    }
}
