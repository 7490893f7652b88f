//! Headers of every answer. An operation that sets one of them itself keeps its own.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::limit::Verdict;

/// Nothing served here is to be framed, sniffed, cached or to run; pages for people set a policy of their own.
static SECURITY: [(HeaderName, HeaderValue); 10] = [
    (
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000; includeSubDomains; preload"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        HeaderValue::from_static("require-corp"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Adds what every answer has.
pub(super) fn secure(headers: &mut HeaderMap) {
    headers.reserve(SECURITY.len() + 4);
    for (name, value) in &SECURITY {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}

/// Adds the caller's rate.
pub(super) fn rate(headers: &mut HeaderMap, verdict: Verdict) {
    headers.insert("x-ratelimit-limit", verdict.limit.into());
    headers.insert(
        "x-ratelimit-remaining",
        verdict.remaining.unwrap_or_default().into(),
    );
    headers.insert("x-ratelimit-reset", verdict.seconds.into());
}
