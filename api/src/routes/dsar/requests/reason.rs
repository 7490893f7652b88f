//! Why the tenant decides so.

use levqor_dsar::decide::Reason;
use poem_openapi::Object;
use serde::Deserialize;

use crate::{
    body::{RawBody, Typed},
    error::{Code, Problem},
};

/// Why.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Decision")]
pub(super) struct Given {
    /// The reason: it is mailed to the person and kept in the audit trail.
    #[oai(validator(min_length = 1, max_length = 2000))]
    reason: String,
}

/// Reads it.
pub(super) async fn reason(body: RawBody<Typed<Given>>) -> Result<Reason, Problem> {
    let given = body.typed().await?;
    let wrong = || Problem::new(Code::InvalidMember, "Expected text of 1 to 2,000 characters.").at("/reason");
    Reason::new(&given.reason).ok_or_else(wrong)
}

/// What each decision can answer besides what it decided.
pub(super) const CODES: &[Code] = &[
    Code::Unauthenticated,
    Code::DsarRequestNotFound,
    Code::DsarRequestOver,
    Code::RequestTimeout,
    Code::BodyTooLarge,
    Code::UnsupportedMediaType,
];
