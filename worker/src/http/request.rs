//! From the machine's request to one that egress sends.

use levqor_egress::Request;
use levqor_engine::HttpRequest;
use serde_json::{Map, Value, json};
use url::Url;

use super::response::is_json;
use crate::activity::{ActivityError, Context};

/// Request headers that are not journaled.
const SECRET: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "x-api-key"];

/// A request with its URL taken apart.
pub(super) struct Outgoing {
    pub(super) request: Request,
    url: Url,
}

/// The request with its query, its body and our headers. A document that sets `Idempotency-Key` or `traceparent` itself keeps its own;
/// `Levqor-*` are always ours.
pub(super) fn build(request: HttpRequest, ctx: &Context) -> Result<Outgoing, ActivityError> {
    let url = url(&request)?;
    let mut headers = request.headers;
    headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("levqor-"));
    let body = request
        .body
        .as_ref()
        .map(|body| encode(body, &mut headers).into());
    let own_key = find(&headers, "idempotency-key").is_some();
    headers.push(("levqor-run".into(), ctx.run().to_string()));
    headers.push(("levqor-epoch".into(), ctx.epoch().to_string()));
    headers.push(("levqor-attempt".into(), ctx.attempt().to_string()));
    if let Some(trace) = ctx.trace.filter(|_| find(&headers, "traceparent").is_none()) {
        headers.push(("traceparent".into(), trace.to_string()));
    }
    let request = Request {
        method: request.method,
        url: url.as_str().into(),
        headers,
        body,
        follow_redirects: request.redirect,
        idempotency_key: (!own_key).then(|| ctx.idempotency_key().into()),
        ..Request::default()
    };
    Ok(Outgoing { request, url })
}

fn url(request: &HttpRequest) -> Result<Url, ActivityError> {
    let mut url = Url::parse(&request.uri).map_err(|error| {
        ActivityError::fail(format!("the endpoint is not an absolute URI: {error}"))
            .title("Endpoint is not a URI")
            .kind("configuration", 400)
    })?;
    if !request.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&request.query);
    }
    Ok(url)
}

/// JSON, unless it is text and the document says it is of another type.
fn encode(body: &Value, headers: &mut Vec<(String, String)>) -> Vec<u8> {
    match (body, find(headers, "content-type")) {
        (Value::String(text), Some(other)) if !is_json(other) => return text.clone().into_bytes(),
        (_, Some(_)) => {}
        (_, None) => headers.push(("content-type".into(), "application/json".into())),
    }
    body.to_string().into_bytes()
}

fn find<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.as_str())
}

/// What the result says of the request: without the secrets it carried.
pub(super) fn sent(outgoing: &Outgoing) -> Value {
    let mut uri = outgoing.url.clone();
    // Only a URL without a host refuses, and that has no credentials either.
    let _ = uri.set_username("");
    let _ = uri.set_password(None);
    let request = &outgoing.request;
    let headers: Map<_, _> = request
        .headers
        .iter()
        .map(|(name, value)| redacted(name, value))
        .collect();
    json!({ "method": request.method, "uri": uri.as_str(), "headers": headers })
}

fn redacted(name: &str, value: &str) -> (String, Value) {
    let name = name.to_ascii_lowercase();
    let shown = if SECRET.contains(&name.as_str()) {
        "[redacted]"
    } else {
        value
    };
    let shown = Value::String(shown.into());
    (name, shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(body: &Value, content_type: Option<&str>) -> (String, Vec<(String, String)>) {
        let mut headers: Vec<_> = content_type
            .map(|value| ("Content-Type".to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        (String::from_utf8(encode(body, &mut headers)).unwrap(), headers)
    }

    #[test]
    fn a_body_is_json_unless_the_document_says_otherwise() {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        assert_eq!(
            encoded(&json!({"n": 1}), None),
            (r#"{"n":1}"#.to_owned(), vec![json])
        );
        assert_eq!(encoded(&json!("a"), Some("text/plain")).0, "a");
        assert_eq!(
            encoded(&json!("a"), Some("application/problem+json; charset=utf-8")).0,
            r#""a""#
        );
    }

    #[test]
    fn secrets_of_a_request_are_not_told() {
        let headers = vec![
            ("Authorization".to_owned(), "Bearer s".to_owned()),
            ("Accept".to_owned(), "a".to_owned()),
        ];
        let url = Url::parse("https://ada:secret@example.org/x?y=1").unwrap();
        let request = Request {
            method: "GET".to_owned(),
            headers,
            ..Request::default()
        };
        let told = sent(&Outgoing { request, url });
        assert_eq!(
            told,
            json!({
                "method": "GET",
                "uri": "https://example.org/x?y=1",
                "headers": { "authorization": "[redacted]", "accept": "a" }
            })
        );
    }
}
