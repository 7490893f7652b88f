//! The effect of `call: http`, through the egress client.
//!
//! Every status that was received is a result: the machine decides what is an error. What fails here is a request that
//! cannot be made (`configuration`), that policy refuses (`authorization`), that took too long (`timeout`) or that got no
//! answer (`communication`); only the last two are worth another attempt.

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
        response = egress.send(outgoing) => response.map_err(failure)?,
    };
    Ok(response::result(sent, response, raw))
}

fn failure(error: EgressError) -> ActivityError {
    ActivityError::retry(error.to_string()).title("No answer").kind("communication", 500)
}
