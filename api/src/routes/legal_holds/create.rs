//! `POST /api/v1/legal-holds`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_retention::{HoldError, NewHold, place};
use levqor_store::UserId;
use poem_openapi::{ApiResponse, Object, OpenApi};
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

pub(crate) struct Create(pub Arc<Shared>);

/// A hold to place. Without `user_id` and `table` it covers all data of the tenant.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewLegalHold")]
struct New {
    /// Only rows about this person.
    user_id: Option<String>,
    /// Only rows of this table.
    table: Option<String>,
    /// Who asks for it: a court, an authority, counsel. 1 to 1,000 characters.
    #[oai(validator(min_length = 1, max_length = 1000))]
    authority: String,
    /// What for, such as a case number. 1 to 1,000 characters.
    #[oai(validator(min_length = 1, max_length = 1000))]
    reason: String,
}

#[derive(ApiResponse)]
enum Answer {
    /// Placed: from now on nothing that it covers is deleted by age.
    #[oai(status = 201)]
    Placed(Json<HoldBody>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Create {
    /// Place a legal hold
    ///
    /// It stops deletion by age, and the erasure of the person it is about, until it is released; it never runs out. Rows
    /// that name a person only inside of a body, such as the input of a run, are covered by holds without `user_id`.
    #[oai(
        path = "/api/v1/legal-holds",
        method = "post",
        operation_id = "createLegalHold",
        tag = "Tag::Retention"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Typed<New>>) -> Result<Answer, Failed<Self>> {
        let new = new(body.typed().await?)?;
        let hold = place(&self.0.api.platform, caller.tenant, new, Actor::Key(caller.key)).await;
        Ok(Answer::Placed(Json(hold.map_err(refused)?.into())))
    }
}

fn new(body: New) -> Result<NewHold, Problem> {
    let user: Option<Result<UserId, _>> = body.user_id.map(|text| text.parse());
    Ok(NewHold {
        user: user.transpose().map_err(|_| unknown_user())?,
        table: body.table,
        authority: line("/authority", body.authority, 1_000)?,
        reason: line("/reason", body.reason, 1_000)?,
    })
}

fn unknown_user() -> Problem {
    Problem::new(
        Code::InvalidMember,
        "There is no person with this id in this tenant.",
    )
    .at("/user_id")
}

fn refused(error: HoldError) -> Problem {
    match error {
        HoldError::Store(error) => error.into(),
        HoldError::UnknownUser(_) => unknown_user(),
        HoldError::UnknownTable(_) => {
            let detail = "There is no such table with data of tenants.";
            Problem::new(Code::InvalidMember, detail).at("/table")
        }
        // What the crate adds later.
        other => {
            tracing::error!(error = %other, "a hold was not placed");
            Problem::new(Code::Internal, "The hold was not placed.")
        }
    }
}
