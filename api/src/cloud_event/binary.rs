//! An event whose attributes are headers and whose data is the body.

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use poem::http::{HeaderMap, HeaderValue, header};

use super::{
    CloudEvent,
    attributes::{REQUIRED, fault, name_is_good},
};
use crate::{
    body::check,
    error::{Code, Problem},
    intake::PAYLOAD_LIMIT,
};

const PREFIX: &str = "ce-";

/// Names of the required attributes as headers, for errors.
const HEADERS: [&str; 4] = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

/// Builds the event's JSON from headers and body.
pub(crate) fn binary(headers: &HeaderMap, data: &[u8]) -> Result<CloudEvent, Problem> {
    let mut event = serde_json::Map::new();
    for (name, value) in headers {
        if let Some(attribute) = name.as_str().strip_prefix(PREFIX) {
            event.insert(attribute.into(), text(attribute, value)?.into());
        }
    }
    let required = |index: usize| {
        let missing = || {
            wrong(
                Some(HEADERS[index]),
                "The header is missing. Events in one JSON object are sent as \
             application/cloudevents+json.",
            )
        };
        event
            .get(REQUIRED[index])
            .and_then(|value| value.as_str())
            .map(ToOwned::to_owned)
            .ok_or_else(missing)
    };
    let (_, id, source, event_type) = (required(0)?, required(1)?, required(2)?, required(3)?);
    let content_type = content_type(headers);
    if let Some(content_type) = &content_type {
        event.insert("datacontenttype".into(), content_type.as_str().into());
    }
    let body = with_data(event, content_type.as_deref().unwrap_or_default(), data)?;
    Ok(CloudEvent {
        id,
        source,
        event_type,
        body,
    })
}

fn wrong(header: Option<&'static str>, detail: impl Into<String>) -> Problem {
    let problem = Problem::new(Code::InvalidEvent, detail);
    match header {
        Some(header) => problem.header(header),
        None => problem,
    }
}

/// The text of an attribute: percent-encoded UTF-8 (HTTP binding 3.1.3.2).
fn text(attribute: &str, value: &HeaderValue) -> Result<String, Problem> {
    let header = REQUIRED
        .iter()
        .position(|known| *known == attribute)
        .map(|index| HEADERS[index]);
    let raw = value
        .to_str()
        .ok()
        .and_then(|raw| percent_decode_str(raw).decode_utf8().ok());
    let Some(text) = raw.filter(|_| name_is_good(attribute)) else {
        return Err(wrong(
            header,
            format!("The header ce-{attribute} is not an attribute in percent-encoded UTF-8."),
        ));
    };
    match fault(attribute, &text) {
        Some(detail) => Err(wrong(header, format!("The header ce-{attribute}: {detail}"))),
        None => Ok(text.into_owned()),
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::CONTENT_TYPE)?
        .to_str()
        .ok()
        .map(ToOwned::to_owned)
}

/// Appends the data: JSON as it is, text as a string, everything else as base64.
fn with_data(
    mut event: serde_json::Map<String, serde_json::Value>,
    content_type: &str,
    data: &[u8],
) -> Result<Vec<u8>, Problem> {
    if data.len() > PAYLOAD_LIMIT {
        return Err(Problem::new(
            Code::PayloadTooLarge,
            "The event's data has more than 200 KiB.",
        ));
    }
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if data.is_empty() {
        return Ok(serde_json::Value::Object(event).to_string().into_bytes());
    }
    if essence == "application/json" || essence.ends_with("+json") {
        check(data).map_err(|fault| fault.problem(data))?;
        return Ok(splice(&event, data));
    }
    match std::str::from_utf8(data) {
        Ok(text) if essence.starts_with("text/") && !text.contains('\0') => {
            event.insert("data".into(), text.into())
        }
        _ => event.insert("data_base64".into(), STANDARD.encode(data).into()),
    };
    Ok(serde_json::Value::Object(event).to_string().into_bytes())
}

/// The object with `data` as its last member, byte for byte. The object is not empty.
fn splice(event: &serde_json::Map<String, serde_json::Value>, data: &[u8]) -> Vec<u8> {
    let mut body = serde_json::to_vec(event).unwrap_or_default();
    body.pop();
    body.extend_from_slice(b",\"data\":");
    body.extend_from_slice(data);
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for pair in [
            ("ce-specversion", "1.0"),
            ("ce-id", "1"),
            ("ce-source", "/s"),
            ("ce-type", "t"),
        ]
        .iter()
        .chain(pairs)
        {
            headers.insert(pair.0, HeaderValue::from_static(pair.1));
        }
        headers
    }

    fn event(pairs: &[(&'static str, &'static str)], data: &[u8]) -> Value {
        serde_json::from_slice(&binary(&headers(pairs), data).unwrap().body).unwrap()
    }

    #[test]
    fn attributes_are_headers_and_data_is_the_body() {
        let found = event(
            &[("content-type", "application/json"), ("ce-subject", "caf%C3%A9")],
            br#"{"n":1}"#,
        );
        assert_eq!(
            found,
            json!({"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"café",
                   "datacontenttype":"application/json","data":{"n":1}})
        );
    }

    #[test]
    fn data_that_is_no_json_is_text_or_base64() {
        assert_eq!(
            event(&[("content-type", "text/plain; charset=utf-8")], b"hello")["data"],
            "hello"
        );
        assert_eq!(
            event(&[("content-type", "image/png")], b"\x89P")["data_base64"],
            "iVA="
        );
        assert_eq!(event(&[], b"").get("data"), None);
    }

    #[test]
    fn bad_attributes_and_bad_json_are_refused() {
        let refused = |pairs: &[(&'static str, &'static str)], data: &[u8]| {
            let body = binary(&headers(pairs), data).unwrap_err().body("", "");
            (body.code, body.header.unwrap_or_default())
        };
        assert_eq!(refused(&[("ce-specversion", "2")], b"").1, "ce-specversion");
        assert_eq!(refused(&[("ce-id", "%ff")], b"").1, "ce-id");
        assert_eq!(refused(&[("ce-un-known", "x")], b"").0, "invalid_event");
        assert_eq!(
            refused(&[("content-type", "application/json")], b"{").0,
            "invalid_json"
        );
        let none = binary(&HeaderMap::new(), b"").unwrap_err().body("", "");
        assert_eq!(none.header.as_deref(), Some("ce-specversion"));
    }
}
