//! What makes two requests the same for an idempotency key: everything that was asked, with "latest" as it was asked
//! and the payload's members in one order.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::RunRequest;
use crate::error::{Code, Problem};

/// SHA-256 of the canonical request. Each part goes in with its length, so that no two requests run together.
pub(super) fn request_hash(request: &RunRequest) -> Result<[u8; 32], Problem> {
    let payload: Value = serde_json::from_slice(&request.payload)
        .map_err(|error| Problem::new(Code::InvalidJson, error.to_string()).at("/payload"))?;
    let payload = levqor_workflow::canonical_value(&payload);
    let run_at = request.run_at.map(|at| at.0.to_string());
    let optional = [
        request.version.as_deref(),
        request.callback_url.as_deref(),
        run_at.as_deref(),
    ];
    let mut digest = Sha256::new();
    part(&mut digest, b"run request 1");
    part(&mut digest, request.namespace.as_bytes());
    part(&mut digest, request.name.as_bytes());
    part(&mut digest, &payload);
    part(&mut digest, &request.priority.to_be_bytes());
    for text in optional {
        part(&mut digest, &[u8::from(text.is_some())]);
        part(&mut digest, text.unwrap_or_default().as_bytes());
    }
    Ok(digest.finalize().into())
}

fn part(digest: &mut Sha256, bytes: &[u8]) {
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn of(text: &str) -> [u8; 32] {
        request_hash(&RunRequest::parse(&Bytes::copy_from_slice(text.as_bytes())).unwrap()).unwrap()
    }

    #[test]
    fn order_and_spaces_do_not_matter() {
        let one = of(r#"{"workflow":"a/b:1.0.0","payload":{"x":1,"y":[true,null]}}"#);
        let same = of(
            r#"{ "payload" : {"y":[ true , null ], "x":1.0}, "version":"1.0.0", "workflow":"a/b",
                           "priority":"normal" }"#,
        );
        assert_eq!(one, same);
    }

    #[test]
    fn every_member_matters() {
        let base = of(r#"{"workflow":"a/b","payload":1}"#);
        for other in [
            r#"{"workflow":"a/c","payload":1}"#,
            r#"{"workflow":"ab/b","payload":1}"#,
            r#"{"workflow":"a/b:1.0.0","payload":1}"#,
            r#"{"workflow":"a/b","payload":2}"#,
            r#"{"workflow":"a/b","payload":"1"}"#,
            r#"{"workflow":"a/b","payload":1,"priority":"low"}"#,
            r#"{"workflow":"a/b","payload":1,"callback_url":"https://x"}"#,
            r#"{"workflow":"a/b","payload":1,"run_at":"2026-01-01T00:00:00Z"}"#,
        ] {
            assert_ne!(of(other), base, "{other}");
        }
    }

    #[test]
    fn the_key_itself_is_not_part_of_it() {
        assert_eq!(
            of(r#"{"workflow":"a/b","payload":1,"idempotency_key":"k"}"#),
            of(r#"{"workflow":"a/b","payload":1}"#)
        );
    }
}
