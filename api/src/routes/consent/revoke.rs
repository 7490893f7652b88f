//! `POST /api/v1/consents/revoke`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::rules::{email, scope};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Revoke(pub Arc<Shared>);

/// What a person told you.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    /// Who.
    email: String,
    /// From which list; from all when left out.
    #[oai(validator(max_length = 50))]
    scope: Option<String>,
}

/// What was withdrawn.
#[derive(Serialize, Object)]
struct Withdrawn {
    /// True.
    ok: bool,
    /// How many consents. None when the address is not known or had withdrawn before.
    revoked: u64,
}

impl Failures for Revoke {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Revoke {
    /// Withdraw for a person
    ///
    /// For who asked you in another way than by a link. Mail that is on its way to the outbox is stopped too.
    #[oai(
        path = "/api/v1/consents/revoke",
        method = "post",
        operation_id = "revokeConsents",
        tag = "Tag::Consent"
    )]
    async fn revoke(
        &self,
        caller: Caller,
        body: RawBody<Typed<Withdrawal>>,
    ) -> Result<Json<Withdrawn>, Failed<Self>> {
        let body = body.typed().await?;
        let email = email("/email", &body.email)?;
        let scope = body.scope.as_deref().map(scope).transpose()?;
        let platform = &self.0.api.platform;
        let revoked =
            levqor_consent::revoke(platform, caller.tenant, &email, scope.as_ref(), caller.key).await?;
        Ok(Json(Withdrawn {
            ok: true,
            revoked: revoked as u64,
        }))
    }
}
