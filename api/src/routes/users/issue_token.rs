//! `POST /api/v1/users/{id}/tokens`.

use std::{sync::Arc, time::Duration};

use levqor_accounts::{LIFE, issue_token};
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path};
use serde::{Deserialize, Serialize};

use super::{missing, user_id};
use crate::{
    auth::{Authority, Caller},
    body::{RawBody, Typed},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

/// Seconds that a token is good for when the caller says nothing.
const USUAL: u64 = 900;

pub(crate) struct IssueToken(pub Arc<Shared>);

/// A token to make.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewUserToken")]
pub(super) struct New {
    /// Seconds until it ends, 60 to 86,400; 900 when absent.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    expires_in: Option<u64>,
}

/// A token that was made.
#[derive(Serialize, Object)]
struct UserToken {
    /// Its id, to revoke it by.
    id: String,
    /// What the person sends as `Authorization: Bearer`: `lvu_` and 64 hexadecimal digits. It is shown this once and
    /// not stored.
    token: String,
    /// Refused from then on (RFC 3339).
    expires_at: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// Made; valid at once.
    #[oai(status = 201)]
    Issued(Json<UserToken>),
}

impl Failures for IssueToken {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::UserNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl IssueToken {
    /// Make a token for a person
    ///
    /// Who holds it acts as the person: for the page of somebody whom the tenant has signed in itself.
    #[oai(
        path = "/api/v1/users/:id/tokens",
        method = "post",
        operation_id = "issueUserToken",
        tag = "Tag::Users"
    )]
    async fn issue(
        &self,
        caller: Caller,
        /// The person's id.
        id: Path<String>,
        body: RawBody<Typed<New>>,
    ) -> Result<Answer, Failed<Self>> {
        let id = user_id(Authority::Key(caller), &id.0)?;
        let life = life(body.typed().await?.expires_in)?;
        let platform = &self.0.api.platform;
        let issued = issue_token(platform, caller.tenant, caller.key, id, life).await?;
        let issued = issued.ok_or_else(missing)?;
        Ok(Answer::Issued(Json(UserToken {
            id: issued.id.to_string(),
            token: issued.text,
            expires_at: time::format(issued.expires_at),
        })))
    }
}

fn life(seconds: Option<u64>) -> Result<Duration, Problem> {
    let life = Duration::from_secs(seconds.unwrap_or(USUAL));
    let wrong = || Problem::new(Code::InvalidMember, "Expected 60 to 86,400 seconds.").at("/expires_in");
    LIFE.contains(&life).then_some(life).ok_or_else(wrong)
}
