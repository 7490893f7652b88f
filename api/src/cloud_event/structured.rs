//! An event as one JSON object (CloudEvents JSON Event Format 1.0.2).

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    CloudEvent,
    attributes::{REQUIRED, fault, name_is_good},
};
use crate::{
    body::{members, pointer, string},
    error::{Code, Problem},
    intake::PAYLOAD_LIMIT,
};

fn wrong(member: &str, detail: &str) -> Problem {
    Problem::new(Code::InvalidEvent, detail).at(pointer(member))
}

/// Reads an event; the bytes are kept as they are.
pub(crate) fn structured(text: &[u8]) -> Result<CloudEvent, Problem> {
    let mut required: [Option<String>; 4] = Default::default();
    let mut data = 0;
    for member in members(text).map_err(|fault| fault.problem(text))? {
        let literal = &text[member.value.clone()];
        match member.name.as_ref() {
            name @ ("data" | "data_base64") => {
                data += 1;
                check_data(name, literal)?;
            }
            name => {
                let value = attribute(name, literal)?;
                if let Some(index) = REQUIRED.iter().position(|known| *known == name) {
                    required[index] = value;
                }
            }
        }
    }
    if data > 1 {
        return Err(wrong(
            "data_base64",
            "An event has `data` or `data_base64`, not both.",
        ));
    }
    finish(required, text)
}

fn finish(required: [Option<String>; 4], text: &[u8]) -> Result<CloudEvent, Problem> {
    for (name, value) in REQUIRED.iter().zip(&required) {
        if value.is_none() {
            return Err(wrong(name, "The attribute is missing or is no string."));
        }
    }
    let [_, id, source, event_type] = required.map(Option::unwrap_or_default);
    Ok(CloudEvent {
        id,
        source,
        event_type,
        body: text.to_vec(),
    })
}

/// Checks an attribute; its text when it is a string. Null stands for absence.
fn attribute(name: &str, literal: &[u8]) -> Result<Option<String>, Problem> {
    if !name_is_good(name) {
        return Err(wrong(
            name,
            "Attributes are named with lower-case letters and digits.",
        ));
    }
    let text = match literal.first() {
        Some(b'"') => string(literal).unwrap_or_default(),
        Some(b'n' | b't' | b'f') => return Ok(None),
        Some(b'-' | b'0'..=b'9') if integer(literal) => return Ok(None),
        _ => {
            return Err(wrong(
                name,
                "An attribute is a string, a boolean or a 32-bit integer.",
            ));
        }
    };
    match fault(name, &text) {
        Some(detail) => Err(wrong(name, detail)),
        None => Ok(Some(text)),
    }
}

fn integer(literal: &[u8]) -> bool {
    std::str::from_utf8(literal).is_ok_and(|text| text.parse::<i32>().is_ok())
}

fn check_data(name: &str, literal: &[u8]) -> Result<(), Problem> {
    if literal.len() > PAYLOAD_LIMIT {
        return Err(
            Problem::new(Code::PayloadTooLarge, "The event's data has more than 200 KiB.").at(pointer(name)),
        );
    }
    let encoded = name == "data_base64" && literal != b"null";
    if encoded && string(literal).is_none_or(|text| STANDARD.decode(text).is_err()) {
        return Err(wrong(name, "Expected base64 text."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, String) {
        let body = structured(text.as_bytes()).unwrap_err().body("", "");
        (body.code, body.pointer.unwrap_or_default())
    }

    #[test]
    fn an_event_is_kept_as_it_was_written() {
        let text = r#"{ "specversion":"1.0","id":"1","source":"/shop","type":"order.paid","time":"2026-01-01T00:00:00Z",
            "ext1":"x","flag":true,"count":-3,"subject":null,"data":{"n":1.0} }"#;
        let event = structured(text.as_bytes()).unwrap();
        assert_eq!(
            (
                event.id.as_str(),
                event.source.as_str(),
                event.event_type.as_str()
            ),
            ("1", "/shop", "order.paid")
        );
        assert_eq!(event.body, text.as_bytes());
    }

    #[test]
    fn the_first_fault_is_named() {
        let event =
            |rest: &str| format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t"{rest}}}"#);
        for (text, pointer) in [
            (
                r#"{"specversion":"1.0","id":"1","source":"/s"}"#.to_owned(),
                "/type",
            ),
            (
                r#"{"specversion":"1.0","id":1,"source":"/s","type":"t"}"#.to_owned(),
                "/id",
            ),
            (
                r#"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#.to_owned(),
                "/specversion",
            ),
            (
                r#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#.to_owned(),
                "/id",
            ),
            (
                r#"{"specversion":"1.0","id":"1","source":"a b","type":"t"}"#.to_owned(),
                "/source",
            ),
            (event(r#","time":"yesterday""#), "/time"),
            (event(r#","Upper":"x""#), "/Upper"),
            (event(r#","list":[1]"#), "/list"),
            (event(r#","big":2147483648"#), "/big"),
            (event(r#","data":1,"data_base64":"AA==""#), "/data_base64"),
            (event(r#","data_base64":"%""#), "/data_base64"),
            (event(r#","data_base64":5"#), "/data_base64"),
        ] {
            assert_eq!(
                refused(&text),
                ("invalid_event".to_owned(), pointer.to_owned()),
                "{text}"
            );
        }
        assert_eq!(refused(r#"{"id":"1","id":"2"}"#).0, "duplicate_key");
    }
}
