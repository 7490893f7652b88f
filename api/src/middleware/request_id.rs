//! Request ids: the caller's, when it is harmless, else a new one.

use levqor_store::IdSource;
use poem::http::HeaderMap;

const LIMIT: usize = 128;

/// Letters, digits and `-_.:` of the caller's X-Request-Id; anything else could forge log lines.
pub(super) fn request_id(headers: &HeaderMap, ids: &dyn IdSource) -> String {
    headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok())
        .filter(|id| harmless(id))
        .map_or_else(|| ids.uuid_v7().to_string(), Into::into)
}

fn harmless(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LIMIT
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken_over() {
        assert!(harmless("0198c0de-1.a:B_7"));
        assert!(!harmless(""));
        assert!(!harmless("a b"));
        assert!(!harmless("a\"b"));
        assert!(!harmless(&"x".repeat(129)));
    }
}
