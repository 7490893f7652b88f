//! `PATCH /api/v1/users/{id}`.

use std::{collections::BTreeMap, sync::Arc};

use levqor_accounts::update;
use poem_openapi::{Object, OpenApi, param::Path, types::MaybeUndefined};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{fields::changes, missing, user_id, view::UserBody};
use crate::{
    auth::{Authority, Caller},
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Patch(pub Arc<Shared>);

/// Changes of a person; what is not named stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "UserChanges")]
pub(super) struct Given {
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

/// A person after changes.
#[derive(Serialize, Object)]
struct UpdatedUser {
    /// Whether something in the record is different now; false when it held all that before.
    updated: bool,
    /// The person.
    user: UserBody,
}

impl Failures for Patch {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::UserNotFound,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Patch {
    /// Change a person
    ///
    /// The e-mail address cannot be changed: by it a person is known to all who send it.
    #[oai(
        path = "/api/v1/users/:id",
        method = "patch",
        operation_id = "updateUser",
        tag = "Tag::Users"
    )]
    async fn patch(
        &self,
        caller: Caller,
        /// The person's id.
        id: Path<String>,
        body: RawBody<Typed<Given>>,
    ) -> Result<Json<UpdatedUser>, Failed<Self>> {
        let id = user_id(Authority::Key(caller), &id.0)?;
        let given = body.typed().await?;
        let changes = changes(given.name, given.locale, given.currency, given.meta)?;
        let updated = update(&self.0.api.platform, caller.tenant, id, changes).await?;
        let updated = updated.ok_or_else(missing)?;
        Ok(Json(UpdatedUser {
            updated: updated.changed,
            user: updated.user.into(),
        }))
    }
}
