//! `POST /api/v1/users/{id}/accept-terms`.

use std::sync::Arc;

use levqor_accounts::{Acceptance, accept_terms};
use poem::web::Data;
use poem_openapi::{Object, OpenApi, param::Path};
use serde::{Deserialize, Serialize};

use super::{missing, user_id};
use crate::{
    auth::Authority,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    middleware::Address,
    routes::Tag,
    state::Shared,
    time,
};

/// Most characters of a version.
const VERSION: usize = 64;

pub(crate) struct AcceptTerms(pub Arc<Shared>);

/// Terms that a person accepts.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewAcceptance")]
pub(super) struct New {
    /// Their version, such as the day they are of: 1 to 64 characters.
    #[oai(validator(min_length = 1, max_length = 64))]
    version: String,
}

/// Terms that were accepted.
#[derive(Serialize, Object)]
#[oai(rename = "Acceptance")]
struct Accepted {
    /// True.
    ok: bool,
    /// Their version.
    version: String,
    /// When it was (RFC 3339).
    at: String,
}

impl Failures for AcceptTerms {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::UserNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl AcceptTerms {
    /// Accept terms
    ///
    /// By the person with their token, or by the tenant for the person. Time, version and the network the request came
    /// from are kept: in the record those of the last acceptance, in the audit trail of each.
    #[oai(
        path = "/api/v1/users/:id/accept-terms",
        method = "post",
        operation_id = "acceptTerms",
        tag = "Tag::Users"
    )]
    async fn accept(
        &self,
        authority: Authority,
        address: Data<&Address>,
        /// The person's id.
        id: Path<String>,
        body: RawBody<Typed<New>>,
    ) -> Result<Json<Accepted>, Failed<Self>> {
        let user = user_id(authority, &id.0)?;
        let version = version(body.typed().await?.version)?;
        let acceptance = Acceptance {
            actor: authority.actor(),
            version: version.clone(),
            address: address.truncated(),
        };
        let at = accept_terms(&self.0.api.platform, authority.tenant(), user, acceptance).await?;
        let at = time::format(at.ok_or_else(missing)?);
        let ok = true;
        Ok(Json(Accepted { ok, version, at }))
    }
}

fn version(version: String) -> Result<String, Problem> {
    let good =
        !version.is_empty() && version.chars().count() <= VERSION && !version.chars().any(char::is_control);
    let form = "Expected 1 to 64 characters without control characters.";
    good.then_some(version)
        .ok_or_else(|| Problem::new(Code::InvalidMember, form).at("/version"))
}
