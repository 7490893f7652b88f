//! `POST /api/v1/legal-holds/{id}/release`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_retention::release;
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Deserialize;

use super::view::HoldBody;
use crate::{
    auth::Caller,
    body::{RawBody, Typed, line},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Release(pub Arc<Shared>);

/// Why a hold is released.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct HoldRelease {
    /// It goes into the audit trail. 1 to 1,000 characters.
    #[oai(validator(min_length = 1, max_length = 1000))]
    reason: String,
}

impl Failures for Release {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::HoldNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Release {
    /// Release a legal hold
    ///
    /// What it covered and has outlived its period goes with the next sweep. A hold that is released already stays as it is.
    #[oai(
        path = "/api/v1/legal-holds/:id/release",
        method = "post",
        operation_id = "releaseLegalHold",
        tag = "Tag::Retention"
    )]
    async fn release(
        &self,
        caller: Caller,
        /// The hold's id.
        id: Path<String>,
        body: RawBody<Typed<HoldRelease>>,
    ) -> Result<Json<HoldBody>, Failed<Self>> {
        let missing = || Problem::new(Code::HoldNotFound, "There is no hold with this id.").parameter("id");
        let id = id.0.parse().map_err(|_| missing())?;
        let reason = line("/reason", body.typed().await?.reason, 1_000)?;
        let platform = &self.0.api.platform;
        let hold = release(platform, caller.tenant, id, &reason, Actor::Key(caller.key)).await?;
        Ok(Json(hold.ok_or_else(missing)?.into()))
    }
}
