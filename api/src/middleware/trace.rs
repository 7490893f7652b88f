//! A request's place in a trace (W3C Trace Context).

use levqor_store::Timestamp;
use levqor_trace::{Entered, Span, SpanKind, TraceContext};
use poem::http::{HeaderMap, StatusCode};

use super::context::Context;
use crate::state::Shared;

/// Where the request goes on; only that of a caller whom we know: what anybody sends decides nothing, and probes and pages
/// begin no traces.
pub(super) fn entered(shared: &Shared, headers: &HeaderMap) -> Option<Entered> {
    let random = || shared.api.ids.random();
    shared.api.options.tracer.enter(caller(headers), random)
}

/// The caller's span. Two headers are none (3.2).
fn caller(headers: &HeaderMap) -> Option<TraceContext> {
    let mut values = headers.get_all("traceparent").iter();
    let only = values.next().filter(|_| values.next().is_none())?;
    TraceContext::parse(only.to_str().ok()?)
}

/// The request, answered; its trace is recorded. Its path may hold tokens and ids of people: the operation stands for it.
pub(super) fn answered(
    entered: Entered,
    context: &Context,
    status: StatusCode,
    at: (Timestamp, Timestamp),
) -> Span {
    let at = (at.0.0, at.1.0);
    let error = status.is_server_error().then(|| status.as_u16().to_string());
    let span = Span::new(
        entered.context,
        entered.parent,
        context.operation,
        SpanKind::Server,
        at,
    )
    .with("http.request.method", context.method.as_str())
    .with("http.response.status_code", i64::from(status.as_u16()))
    .with("levqor.request_id", context.request_id.as_str())
    .failed(error);
    match context.tenant {
        Some(tenant) => span.with("levqor.tenant", tenant.to_string()),
        None => span,
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    static VALID: HeaderValue =
        HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    #[test]
    fn one_valid_header_is_the_callers_span_and_two_are_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(caller(&headers), None);
        headers.append("traceparent", VALID.clone());
        assert!(caller(&headers).is_some());
        headers.append("traceparent", VALID.clone());
        assert_eq!(caller(&headers), None);
    }
}
