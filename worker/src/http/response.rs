//! From an answer to the task's result object.

use base64::{Engine, prelude::BASE64_STANDARD};
use levqor_egress::Response;
use serde_json::{Map, Value, json};

/// The result object. A body that claims to be JSON and is not is given as text: the caller sees what came.
pub(super) fn result(sent: &Value, response: &Response, raw: bool) -> Value {
    let headers = fields(&response.headers);
    let (name, body) = if raw {
        ("raw", Value::String(BASE64_STANDARD.encode(&response.body)))
    } else {
        (
            "content",
            content(
                headers.get("content-type").and_then(Value::as_str),
                &response.body,
            ),
        )
    };
    let mut result = json!({ "request": sent, "statusCode": response.status, "headers": headers });
    result[name] = body;
    result
}

/// Header fields by lower-case name; values of a repeated name are joined by a comma (RFC 9110, 5.3).
fn fields(headers: &[(String, String)]) -> Map<String, Value> {
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in headers {
        match fields.entry(name.to_ascii_lowercase()).or_insert(Value::Null) {
            Value::String(before) => {
                before.push_str(", ");
                before.push_str(value);
            }
            empty => *empty = Value::String(value.clone()),
        }
    }
    fields
}

fn content(content_type: Option<&str>, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    let json = content_type
        .is_some_and(is_json)
        .then(|| serde_json::from_slice(body).ok())
        .flatten();
    json.unwrap_or_else(|| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// `application/json`, `text/json` and everything that ends in `+json` (RFC 6839), with any parameters.
pub(super) fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(content_type: &str, body: &'static [u8]) -> Response {
        let headers = [("Content-Type", content_type), ("via", "a"), ("Via", "b")];
        Response {
            status: 200,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: body.into(),
            final_url: String::new(),
        }
    }

    #[test]
    fn json_is_parsed_and_everything_else_is_text() {
        let content = |kind, body| result(&Value::Null, &response(kind, body), false)["content"].clone();
        assert_eq!(content("application/json; charset=utf-8", b"[1]"), json!([1]));
        assert_eq!(content("application/problem+json", b"{}"), json!({}));
        assert_eq!(content("application/json", b"oops"), json!("oops"));
        assert_eq!(content("text/plain", b"1"), json!("1"));
        assert_eq!(content("text/plain", b""), Value::Null);
    }

    #[test]
    fn a_raw_result_is_base64_and_headers_are_joined() {
        let result = result(&Value::Null, &response("application/json", b"[1]"), true);
        assert_eq!(result["raw"], "WzFd");
        assert_eq!(result.get("content"), None);
        assert_eq!(result["headers"]["via"], "a, b");
    }
}
