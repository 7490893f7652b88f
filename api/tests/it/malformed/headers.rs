//! Headers.

use super::*;

#[rustfmt::skip]
pub(super) fn cases() -> Vec<Case> {
    let good = || member("priority", json!("low"));
    let typed = |value: &[u8]| with_header(good(), "content-type", value);
    vec![
        ("no type", bare("POST", "/api/v1/intake"), "415 unsupported_media_type header Content-Type"),
        ("form", typed(b"application/x-www-form-urlencoded"),
            "415 unsupported_media_type header Content-Type"),
        ("charset", typed(b"application/json; charset=utf-16"),
            "415 unsupported_media_type header Content-Type"),
        ("type is bytes", typed(b"\xff\xfe"), "415 unsupported_media_type header Content-Type"),
        ("compressed", with_header(good(), "content-encoding", b"gzip"),
            "415 unsupported_media_type header Content-Encoding"),
        ("empty key", with_header(good(), "idempotency-key", b""),
            "400 invalid_header header Idempotency-Key"),
        ("key of bytes", with_header(good(), "idempotency-key", b"\xff"),
            "400 invalid_header header Idempotency-Key"),
        ("long key", with_header(good(), "idempotency-key", &[b'k'; 256]),
            "400 invalid_header header Idempotency-Key"),
        ("keys that differ", with_header(member("idempotency_key", json!("a")), "idempotency-key", b"b"),
            "400 invalid_header header Idempotency-Key"),
        ("declared too large", with_header(good(), "content-length", b"99999999"), "413 body_too_large"),
        ("key scheme", with_header(good(), "authorization", b"Basic YTpi"), "401 unauthenticated"),
        ("key of bytes", with_header(good(), "authorization", b"Bearer \xff"), "401 unauthenticated"),
    ]
}
