//! The effect of `call: http`, through the egress client.
//!
//! Every status that was received is a result: the machine decides what is an error. What fails here is a request that
//! cannot be made or that policy refuses (`configuration`, fatal: the same request never will be allowed), an answer too
//! large to keep (`communication`, fatal), and no answer in time (`timeout`, 408) or at all (`communication`), which are
//! worth another attempt.

mod request;
mod response;

use levqor_egress::{Egress, EgressError};
use levqor_engine::HttpRequest;
use serde_json::Value;

use crate::activity::{ActivityError, Context};

/// Performs the request once. The result is `{request: {method, uri, headers}, statusCode, headers, content | raw}`.
pub(crate) async fn perform(
    egress: &Egress,
    request: HttpRequest,
    ctx: &Context,
) -> Result<Value, ActivityError> {
    let raw = request.raw;
    let outgoing = request::build(request, ctx)?;
    let sent = request::sent(&outgoing);
    let response = tokio::select! {
        biased;
        () = ctx.cancellation().cancelled() => return Err(ActivityError::cancelled()),
        response = egress.send(outgoing.request) => response.map_err(|error| failure(&error))?,
    };
    Ok(response::result(&sent, &response, raw))
}

/// Whether the server said no: as OpenTelemetry asks of clients, a status of 400 and more is an error of the call.
pub(crate) fn is_error(result: &Value) -> bool {
    result["statusCode"].as_i64().is_some_and(|status| status >= 400)
}

fn failure(error: &EgressError) -> ActivityError {
    let detail = error.to_string();
    match error {
        EgressError::Refused(_) => ActivityError::fail(detail)
            .title("Endpoint refused by policy")
            .kind("configuration", 400),
        EgressError::TooLarge(_) => ActivityError::fail(detail)
            .title("Answer too large")
            .kind("communication", 500),
        EgressError::Timeout(_) => ActivityError::retry(detail)
            .title("No answer in time")
            .kind("timeout", 408),
        _ => ActivityError::retry(detail)
            .title("No answer")
            .kind("communication", 500),
    }
}
