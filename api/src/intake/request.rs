//! A request to start a run, read from its bytes in one pass.

use bytes::Bytes;
use levqor_store::Timestamp;
use poem_openapi::{Enum, Object};
use serde_json::Value;

use super::fields;
use crate::{
    body::members,
    error::{Code, Problem},
};

/// A request to start a run, as the OpenAPI document describes it. It is read by [`RunRequest::parse`].
#[derive(Object)]
#[oai(rename = "RunRequest")]
pub(crate) struct RunRequestBody {
    /// `namespace/name` or `namespace/name:version`. Without a version: the highest semantic version that is no
    /// pre-release, else the one stored last.
    #[oai(validator(min_length = 3, max_length = 256))]
    pub workflow: String,
    /// The version, when it is not part of `workflow`.
    #[oai(validator(max_length = 128))]
    pub version: Option<String>,
    /// The run's input: any JSON value of at most 200 KiB, kept as it is written here. It must fit the schema that the
    /// workflow declares for its input.
    pub payload: Value,
    /// Makes the request safe to repeat: a repeat starts nothing and answers the same `job_id`. The header
    /// Idempotency-Key means the same.
    #[oai(validator(min_length = 1, max_length = 255))]
    pub idempotency_key: Option<String>,
    /// Called with a signed POST when the run ends, again and again until the answer is 2xx: at least once. Given up
    /// after 30 tries over 30 hours, or at once when the address is one that this installation does not call.
    /// GET /api/v1/webhook-secret answers what the signature is verified with.
    #[oai(validator(max_length = 1024))]
    pub callback_url: Option<String>,
    /// Runs of a higher priority are started first. Default: `normal`.
    pub priority: Option<Priority>,
    /// Not to be started before this time (RFC 3339).
    pub run_at: Option<String>,
}

/// How urgent a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub(crate) enum Priority {
    /// After all others.
    Low,
    /// The default.
    Normal,
    /// Before all others.
    High,
}

/// The name of a stored priority.
pub(crate) fn priority_name(priority: i16) -> &'static str {
    match priority {
        0 => "high",
        2 => "low",
        _ => "normal",
    }
}

/// A request that is well-formed.
#[derive(Debug, PartialEq)]
pub(crate) struct RunRequest {
    pub namespace: String,
    pub name: String,
    /// None: the latest.
    pub version: Option<String>,
    /// JSON text, byte for byte.
    pub payload: Bytes,
    pub idempotency_key: Option<String>,
    pub callback_url: Option<String>,
    /// 0 high, 1 normal, 2 low.
    pub priority: i16,
    pub run_at: Option<Timestamp>,
}

impl RunRequest {
    /// Reads the body; null stands for absence of optional members.
    pub(crate) fn parse(body: &Bytes) -> Result<Self, Problem> {
        let mut draft = Draft::default();
        for member in members(body).map_err(|fault| fault.problem(body))? {
            let literal = &body[member.value.clone()];
            match member.name.as_ref() {
                "workflow" => draft.workflow = Some(fields::workflow(literal)?),
                "payload" => draft.payload = Some(fields::payload(&body.slice(member.value))?),
                _ if literal == b"null" && OPTIONAL.contains(&member.name.as_ref()) => (),
                "version" => draft.version = Some(fields::version(literal)?),
                "idempotency_key" => draft.idempotency_key = Some(fields::idempotency_key(literal)?),
                "callback_url" => draft.callback_url = Some(fields::callback_url(literal)?),
                "priority" => draft.priority = fields::priority(literal)?,
                "run_at" => draft.run_at = Some(fields::run_at(literal)?),
                unknown => return Err(fields::unknown(unknown)),
            }
        }
        draft.finish()
    }

    /// Takes the key of the Idempotency-Key header, which must not contradict the body's.
    pub(crate) fn with_header_key(mut self, header: Option<&str>) -> Result<Self, Problem> {
        let Some(key) = header else { return Ok(self) };
        let key = fields::header_key(key)?;
        if self.idempotency_key.as_deref().is_some_and(|own| own != key) {
            let detail = "The header and the member idempotency_key differ.";
            return Err(Problem::new(Code::InvalidHeader, detail).header("Idempotency-Key"));
        }
        self.idempotency_key = Some(key);
        Ok(self)
    }
}

const OPTIONAL: [&str; 5] = ["version", "idempotency_key", "callback_url", "priority", "run_at"];

struct Draft {
    workflow: Option<fields::Reference>,
    version: Option<String>,
    payload: Option<Bytes>,
    idempotency_key: Option<String>,
    callback_url: Option<String>,
    priority: i16,
    run_at: Option<Timestamp>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            workflow: None,
            version: None,
            payload: None,
            idempotency_key: None,
            callback_url: None,
            priority: fields::NORMAL,
            run_at: None,
        }
    }
}

impl Draft {
    fn finish(self) -> Result<RunRequest, Problem> {
        let workflow = self.workflow.ok_or_else(|| fields::missing("workflow"))?;
        let payload = self.payload.ok_or_else(|| fields::missing("payload"))?;
        if let (Some(inner), Some(outer)) = (&workflow.version, &self.version)
            && inner != outer
        {
            let detail = "The version differs from the one in `workflow`.";
            return Err(Problem::new(Code::InvalidMember, detail).at("/version"));
        }
        Ok(RunRequest {
            namespace: workflow.namespace,
            name: workflow.name,
            version: workflow.version.or(self.version),
            payload,
            idempotency_key: self.idempotency_key,
            callback_url: self.callback_url,
            priority: self.priority,
            run_at: self.run_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RunRequest, Problem> {
        RunRequest::parse(&Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn reads_every_member_and_keeps_the_payload_as_written() {
        let request = parse(
            r#"{"workflow":"shop/order:1.2.0","payload": { "n" : 1.0 },"idempotency_key":"k","priority":"high",
                "callback_url":"https://example.com/done?x=1","run_at":"2026-01-01T00:00:00Z","version":"1.2.0"}"#,
        )
        .unwrap();
        assert_eq!(
            (request.namespace.as_str(), request.name.as_str()),
            ("shop", "order")
        );
        assert_eq!(request.version.as_deref(), Some("1.2.0"));
        assert_eq!(request.payload, r#"{ "n" : 1.0 }"#);
        assert_eq!(request.priority, 0);
        assert_eq!(request.run_at, Some(Timestamp(1_767_225_600_000_000)));
    }

    #[test]
    fn null_is_absence_where_absence_is_allowed() {
        let request = parse(r#"{"workflow":"a/b","payload":null,"priority":null,"run_at":null}"#).unwrap();
        assert_eq!(
            (request.priority, request.run_at, request.version),
            (1, None, None)
        );
        assert_eq!(request.payload, "null");
        assert_eq!(
            parse(r#"{"workflow":null,"payload":1}"#).unwrap_err().code(),
            Code::InvalidMember
        );
    }

    #[test]
    fn the_header_key_stands_in_for_the_member() {
        let text = r#"{"workflow":"a/b","payload":1,"idempotency_key":"k"}"#;
        assert_eq!(
            parse(text)
                .unwrap()
                .with_header_key(Some("k"))
                .unwrap()
                .idempotency_key
                .unwrap(),
            "k"
        );
        let wrong = parse(text).unwrap().with_header_key(Some("other")).unwrap_err();
        assert_eq!(wrong.code(), Code::InvalidHeader);
        let without = parse(r#"{"workflow":"a/b","payload":1}"#).unwrap();
        assert_eq!(
            without
                .with_header_key(Some("h"))
                .unwrap()
                .idempotency_key
                .unwrap(),
            "h"
        );
    }

    #[test]
    fn the_version_is_given_once_or_twice_the_same() {
        let version = |text: &str| parse(text).map(|request| request.version.unwrap());
        assert_eq!(
            version(r#"{"workflow":"a/b","version":"2.0.0","payload":1}"#).unwrap(),
            "2.0.0"
        );
        let twice = version(r#"{"workflow":"a/b:1.0.0","version":"2.0.0","payload":1}"#);
        assert_eq!(twice.unwrap_err().code(), Code::InvalidMember);
    }
}
