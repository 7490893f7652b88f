//! From the machine's request to one that egress sends.

use levqor_egress::Request;
use levqor_engine::HttpRequest;
use serde_json::{Map, Value, json};
use url::Url;

use super::response::is_json;
use crate::activity::{ActivityError, Context};

/// Request headers that are not journaled.
const SECRET: [&str; 4] = ["authorization", "proxy-authorization", "cookie", "x-api-key"];

/// The request with its query, its body and our headers. A document that sets `Idempotency-Key` itself keeps its own;
/// `Levqor-*` are always ours.
pub(super) fn build(request: HttpRequest, ctx: &Context) -> Result<Request, ActivityError> {
    let url = url(&request)?;
    let mut headers = request.headers;
    headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("levqor-"));
    let body = request.body.as_ref().map(|body| encode(body, &mut headers));
    if find(&headers, "idempotency-key").is_none() {
        headers.push(("Idempotency-Key".into(), ctx.idempotency_key().into()));
    }
    headers.push(("Levqor-Run".into(), ctx.run().to_string()));
    headers.push(("Levqor-Epoch".into(), ctx.epoch().to_string()));
    headers.push(("Levqor-Attempt".into(), ctx.attempt().to_string()));
    Ok(Request { method: request.method, url, headers, body, redirect: request.redirect })
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
    let content_type = find(headers, "content-type");
    match (body, content_type) {
        (Value::String(text), Some(other)) if !is_json(other) => text.clone().into_bytes(),
        (_, Some(_)) => body.to_string().into_bytes(),
        (_, None) => {
            headers.push(("Content-Type".into(), "application/json".into()));
            body.to_string().into_bytes()
        }
    }
}

fn find<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
}

/// What the result says of the request: without the secrets it carried.
pub(super) fn sent(request: &Request) -> Value {
    let mut uri = request.url.clone();
    // Only a URL without a host refuses, and that has no credentials either.
    let _ = uri.set_username("");
    let _ = uri.set_password(None);
    let headers: Map<_, _> = request.headers.iter().map(|(name, value)| redacted(name, value)).collect();
    json!({ "method": request.method, "uri": uri.as_str(), "headers": headers })
}

fn redacted(name: &str, value: &str) -> (String, Value) {
    let name = name.to_ascii_lowercase();
    let shown = if SECRET.contains(&name.as_str()) { "[redacted]" } else { value };
    let shown = Value::String(shown.into());
    (name, shown)
}
