//! Errors as answers.

use poem::{
    Response,
    error::{MethodNotAllowedError, NotFoundError, ReadBodyError},
    http::header,
};
use poem_openapi::error::{ParseParamError, ParsePathError};

use super::context::Context;
use crate::{
    error::{Code, Problem},
    state::Shared,
};

/// What an error of the router or of an operation says to the caller.
pub(super) fn problem(error: poem::Error, shared: &Shared, context: &Context) -> Problem {
    let error = match error.downcast::<Problem>() {
        Ok(problem) => return problem,
        Err(other) => other,
    };
    if let Some(ParseParamError { name, reason }) = error.downcast_ref() {
        return Problem::new(Code::InvalidParameter, reason.clone()).parameter(*name);
    }
    if let Some(ParsePathError { name, reason }) = error.downcast_ref() {
        return Problem::new(Code::InvalidParameter, reason.clone()).parameter(*name);
    }
    if error.is::<NotFoundError>() {
        return Problem::new(Code::NotFound, "Nothing is served at this path.");
    }
    if error.is::<MethodNotAllowedError>() {
        let allow = shared.routes.allow(context.uri.path()).unwrap_or_default();
        return Problem::new(Code::MethodNotAllowed, format!("This path has: {allow}.")).allow(allow);
    }
    if error.is::<ReadBodyError>() || error.status().is_client_error() {
        return Problem::new(Code::BadRequest, error.to_string());
    }
    tracing::error!(%error, request_id = context.request_id, "operation failed");
    Problem::new(Code::Internal, "The operation failed.")
}

/// The answer for a problem.
pub(super) fn response(problem: Problem, shared: &Shared, context: &Context) -> Response {
    let status = problem.code().status();
    let retry_after = problem.retry_seconds();
    let allow = problem.allowed().map(ToOwned::to_owned);
    let body = problem.body(shared.base(), &context.request_id);
    let mut response = Response::builder()
        .status(status)
        .content_type("application/problem+json")
        .body(serde_json::to_vec(&body).unwrap_or_default());
    let headers = response.headers_mut();
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(allow) = allow.and_then(|allow| allow.parse().ok()) {
        headers.insert(header::ALLOW, allow);
    }
    if status.as_u16() == 401 {
        headers.insert(
            header::WWW_AUTHENTICATE,
            poem::http::HeaderValue::from_static("Bearer"),
        );
    }
    response
}
