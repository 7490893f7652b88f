//! The members of a request to start a run, one function each. Literals were checked to be JSON before.

use bytes::Bytes;
use levqor_store::Timestamp;
use url::Url;

use crate::{
    body::{pointer, string},
    error::{Code, Problem},
    time,
};

/// Most bytes of a payload as it was sent.
pub(crate) const PAYLOAD_LIMIT: usize = 200 * 1024;

/// The stored number of the priority a request has when it says nothing.
pub(super) const NORMAL: i16 = 1;

const URL_LIMIT: usize = 1024;
const KEY_LIMIT: usize = 255;
const VERSION_LIMIT: usize = 128;
const LABEL_LIMIT: usize = 63;

/// What `workflow` names.
#[derive(Debug, PartialEq)]
pub(super) struct Reference {
    pub namespace: String,
    pub name: String,
    pub version: Option<String>,
}

fn invalid(member: &str, detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidMember, detail).at(format!("/{member}"))
}

pub(super) fn missing(member: &str) -> Problem {
    Problem::new(Code::MissingMember, format!("The member `{member}` is missing.")).at(format!("/{member}"))
}

pub(super) fn unknown(member: &str) -> Problem {
    Problem::new(Code::UnknownMember, "This member is not known here.").at(pointer(member))
}

fn text(member: &str, literal: &[u8]) -> Result<String, Problem> {
    string(literal).ok_or_else(|| invalid(member, "Expected a string."))
}

pub(super) fn workflow(literal: &[u8]) -> Result<Reference, Problem> {
    let text = text("workflow", literal)?;
    let (path, version) = match text.split_once(':') {
        Some((path, version)) => (path, Some(version)),
        None => (text.as_str(), None),
    };
    let form = || {
        invalid(
            "workflow",
            "Expected `namespace/name` or `namespace/name:version`.",
        )
    };
    let (namespace, name) = path.split_once('/').ok_or_else(form)?;
    if !label(namespace) || !label(name) || version.is_some_and(|version| !semantic(version)) {
        return Err(form());
    }
    Ok(Reference {
        namespace: namespace.into(),
        name: name.into(),
        version: version.map(Into::into),
    })
}

/// A DNS label, as documents write their namespace and name.
fn label(text: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= LABEL_LIMIT
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Whether this is `namespace/name` of a workflow.
pub(crate) fn is_workflow_name(text: &str) -> bool {
    let names = text.split_once('/');
    names.is_some_and(|(namespace, name)| label(namespace) && label(name))
}

/// The characters of a semantic version, starting with a digit.
fn semantic(text: &str) -> bool {
    text.len() <= VERSION_LIMIT
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
}

pub(super) fn version(literal: &[u8]) -> Result<String, Problem> {
    let version = text("version", literal)?;
    let form = || invalid("version", "Expected a semantic version such as 1.0.0.");
    if semantic(&version) {
        Ok(version)
    } else {
        Err(form())
    }
}

pub(super) fn payload(literal: &Bytes) -> Result<Bytes, Problem> {
    if literal.len() > PAYLOAD_LIMIT {
        return Err(Problem::new(Code::PayloadTooLarge, "The payload has more than 200 KiB.").at("/payload"));
    }
    Ok(literal.clone())
}

pub(super) fn idempotency_key(literal: &[u8]) -> Result<String, Problem> {
    let key = text("idempotency_key", literal)?;
    let good = key_is_good(&key);
    good.then_some(key)
        .ok_or_else(|| invalid("idempotency_key", KEY_FORM))
}

/// The header's value; the quotes of a structured field string are not part of the key.
pub(crate) fn header_key(value: &str) -> Result<String, Problem> {
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let key = quoted.unwrap_or(value);
    let good = key_is_good(key);
    good.then(|| key.to_owned())
        .ok_or_else(|| Problem::new(Code::InvalidHeader, KEY_FORM).header("Idempotency-Key"))
}

const KEY_FORM: &str = "Expected 1 to 255 characters without control characters, not beginning with levqor/ (keys of the installation).";

fn key_is_good(key: &str) -> bool {
    !key.is_empty()
        && key.chars().count() <= KEY_LIMIT
        && !key.chars().any(char::is_control)
        && !key.starts_with(levqor_processes::KEY_PREFIX)
}

pub(super) fn callback_url(literal: &[u8]) -> Result<String, Problem> {
    let wrong = |detail: &str| invalid("callback_url", detail);
    let text = text("callback_url", literal)?;
    if text.len() > URL_LIMIT {
        return Err(wrong("The URL has more than 1,024 bytes."));
    }
    let url = Url::parse(&text).map_err(|_| wrong("Expected an absolute http or https URL."))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || text.contains(char::is_whitespace) {
        return Err(wrong("Expected an absolute http or https URL."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "The URL must not hold a user name or password: calls are signed instead.",
        ));
    }
    Ok(text)
}

pub(super) fn priority(literal: &[u8]) -> Result<i16, Problem> {
    match literal {
        br#""high""# => Ok(0),
        br#""normal""# => Ok(NORMAL),
        br#""low""# => Ok(2),
        _ => Err(invalid("priority", "Expected low, normal or high.")),
    }
}

pub(super) fn run_at(literal: &[u8]) -> Result<Timestamp, Problem> {
    let form = || {
        invalid(
            "run_at",
            "Expected an RFC 3339 time such as 2026-01-31T09:00:00Z.",
        )
    };
    time::parse(&text("run_at", literal)?).ok_or_else(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_named_by_labels_and_a_version() {
        for good in [r#""a/b""#, r#""shop-1/Order:1.0.0-rc.1+b5""#] {
            assert!(workflow(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            r#""""#,
            r#""a""#,
            r#""a/""#,
            r#""/b""#,
            r#""a/b/c""#,
            r#""a/b:""#,
            r#""a/b:latest""#,
            r#""a/b:1 0""#,
            r#""-a/b""#,
            r#""a/b-""#,
            r#""a b/c""#,
            r#""é/b""#,
            "1",
            "{}",
        ] {
            assert!(workflow(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(workflow(format!("\"a/{}\"", "b".repeat(64)).as_bytes()).is_err());
    }

    #[test]
    fn a_callback_goes_to_an_http_url_without_secrets() {
        for good in [
            r#""http://127.0.0.1:1/x""#,
            r#""https://example.com""#,
            r#""HTTPS://[::1]/a?b=c""#,
        ] {
            assert!(callback_url(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            r#""""#,
            r#""ftp://a/b""#,
            r#""javascript:alert(1)""#,
            r#""//a/b""#,
            r#""https://""#,
            r#""https://u@a/""#,
            r#""https://u:p@a/""#,
            r#""https://a/ b""#,
            r#""https://a:99999/""#,
            "5",
        ] {
            assert!(callback_url(bad.as_bytes()).is_err(), "{bad}");
        }
        let long = format!("\"https://example.com/{}\"", "x".repeat(1024));
        assert!(callback_url(long.as_bytes()).is_err());
    }

    #[test]
    fn a_key_has_a_length_and_no_control_characters() {
        assert!(idempotency_key(br#""order 17 / \u00e9""#).is_ok());
        let long = format!("\"{}\"", "k".repeat(256));
        for bad in [r#""""#, r#""a\nb""#, "17", long.as_str()] {
            assert!(idempotency_key(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(header_key("\"quoted\"").ok().as_deref(), Some("quoted"));
        assert!(header_key("").is_err());
    }
}
