//! `POST /api/v1/users/upsert`.

use std::{collections::BTreeMap, sync::Arc};

use levqor_accounts::{NewUser, upsert};
use poem_openapi::{ApiResponse, Object, OpenApi, types::MaybeUndefined};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    fields::{changes, email},
    view::UserBody,
};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Upsert(pub Arc<Shared>);

/// A person, by e-mail address.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "NewUser")]
pub(super) struct Person {
    /// By which the person is found; white space around it and capitals make no difference.
    #[oai(validator(max_length = 320))]
    email: String,
    /// As the person wants to be called: 1 to 200 characters. Null clears it.
    #[serde(default)]
    name: MaybeUndefined<String>,
    /// Language tag (RFC 5646). Null clears it.
    #[serde(default)]
    locale: MaybeUndefined<String>,
    /// ISO 4217 code. Null clears it.
    #[serde(default)]
    currency: MaybeUndefined<String>,
    /// Members to keep about the person, each replacing the one of its name; null takes one away. At most 16 KiB in all.
    #[serde(default)]
    #[oai(default)]
    meta: BTreeMap<String, Value>,
}

/// A person who was not known before.
#[derive(Serialize, Object)]
struct CreatedUser {
    /// True.
    created: bool,
    /// The person.
    user: UserBody,
}

/// A person who was known before.
#[derive(Serialize, Object)]
struct KnownUser {
    /// True.
    updated: bool,
    /// Whether something in the record is different now.
    changed: bool,
    /// The person.
    user: UserBody,
}

#[derive(ApiResponse)]
enum Answer {
    /// The person was made.
    #[oai(status = 201)]
    Created(Json<CreatedUser>),
    /// The person was known; what the request names is as it says, all else as it was.
    #[oai(status = 200)]
    Known(Json<KnownUser>),
}

impl Failures for Upsert {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Upsert {
    /// Make or change a person
    ///
    /// The e-mail address says who it is: of any number of requests with one address, exactly one makes the person, and
    /// all are about that one. What a request does not name stays.
    #[oai(
        path = "/api/v1/users/upsert",
        method = "post",
        operation_id = "upsertUser",
        tag = "Tag::Users"
    )]
    async fn upsert(&self, caller: Caller, body: RawBody<Typed<Person>>) -> Result<Answer, Failed<Self>> {
        let person = body.typed().await?;
        let new = NewUser {
            email: email(&person.email)?,
            changes: changes(person.name, person.locale, person.currency, person.meta)?,
        };
        let upserted = upsert(&self.0.api.platform, caller.tenant, new).await?;
        let user = upserted.user.into();
        Ok(if upserted.created {
            Answer::Created(Json(CreatedUser { created: true, user }))
        } else {
            Answer::Known(Json(KnownUser {
                updated: true,
                changed: upserted.changed,
                user,
            }))
        })
    }
}
