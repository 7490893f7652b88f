//! The error type of operations: a problem, with the codes that the OpenAPI document shows for the operation.

use std::marker::PhantomData;

use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};

use super::{Code, Problem, ProblemBody};

/// What an operation can answer besides success. The codes in [`COMMON`] are added to every operation.
pub(crate) trait Failures: Send + Sync + 'static {
    /// Its own codes.
    const CODES: &'static [Code];
}

/// Codes any operation can answer, whatever it does.
const COMMON: &[Code] = &[
    Code::BadRequest,
    Code::MethodNotAllowed,
    Code::RateLimited,
    Code::Internal,
    Code::Unavailable,
];

/// A problem of the operation `F`.
#[derive(Debug)]
pub(crate) struct Failed<F>(Problem, PhantomData<F>);

impl<F, E: Into<Problem>> From<E> for Failed<F> {
    fn from(error: E) -> Self {
        Self(error.into(), PhantomData)
    }
}

impl<F> From<Failed<F>> for poem::Error {
    fn from(failed: Failed<F>) -> Self {
        failed.0.into()
    }
}

impl<F: Failures> ApiResponse for Failed<F> {
    fn meta() -> MetaResponses {
        // Who proves to be somebody may be the wrong one: a person where a key is needed, or the other way round.
        let asks = F::CODES.contains(&Code::Unauthenticated);
        let mut statuses: Vec<u16> = F::CODES
            .iter()
            .chain(COMMON)
            .chain(asks.then_some(&Code::UserToken))
            .map(|code| code.status().as_u16())
            .collect();
        statuses.sort_unstable();
        statuses.dedup();
        MetaResponses {
            responses: statuses.into_iter().map(response).collect(),
        }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

fn response(status: u16) -> MetaResponse {
    MetaResponse {
        description: description(status),
        status: Some(status),
        status_range: None,
        content: vec![MetaMediaType {
            content_type: "application/problem+json",
            schema: ProblemBody::schema_ref(),
        }],
        headers: Vec::new(),
    }
}

fn description(status: u16) -> &'static str {
    match status {
        400 => "The request is not of the form described here; `code` and `pointer` say where.",
        401 => "No valid API key or token was sent.",
        402 => {
            "The tenant is suspended until its bill is settled, or a budget is used up; `code` says which."
        }
        403 => "Not allowed to this caller.",
        404 => "Not found, or not this tenant's.",
        408 => "The body did not arrive in time.",
        409 => "It contradicts what is stored; `code` says how.",
        410 => "It was there once and is no more.",
        413 => "Too large.",
        415 => "The body's media type is not read here.",
        422 => "Understood, but its content is not valid; `errors` lists why.",
        429 => "Too many requests; see Retry-After.",
        501 => "Not configured in this installation.",
        503 => "Not available at the moment; see Retry-After.",
        _ => "An error of the server.",
    }
}
