//! `POST /api/v1/keys`.

use std::sync::Arc;

use bytes::Bytes;
use levqor_store::{ApiKey, KeyId, Timestamp};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    registry::{MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use super::view::KeyBody;
use crate::{
    auth::{Caller, Secret},
    body::{Form, RawBody, members, pointer, string},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

/// Most keys of a tenant, revoked ones included: each is a row for ever.
const MOST: usize = 1_000;

/// Most characters of a name.
const NAME: usize = 100;

pub(crate) struct Create(pub Arc<Shared>);

struct Body;

impl Form for Body {
    const MEDIA: &'static [&'static str] = &["application/json"];
    const LIMIT: usize = 4 * 1024;

    fn schema(_media: &str) -> MetaSchemaRef {
        NewKey::schema_ref()
    }

    fn register(registry: &mut Registry) {
        NewKey::register(registry);
    }
}

/// A key to make.
#[derive(Object)]
struct NewKey {
    /// For people to tell keys apart.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
}

/// A key that was made, with its secret.
#[derive(Serialize, Object)]
struct CreatedKey {
    /// The secret: `lvk_` and 64 hexadecimal digits. It is shown this once and not stored.
    secret: String,
    /// The key.
    key: KeyBody,
}

#[derive(ApiResponse)]
enum Answer {
    /// Made; valid at once.
    #[oai(status = 201)]
    Created(Json<CreatedKey>),
}

impl Failures for Create {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::TooManyItems,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl Create {
    /// Make an API key
    ///
    /// The key sees and does the same as the one used here. A tenant has at most 1,000.
    #[oai(
        path = "/api/v1/keys",
        method = "post",
        operation_id = "createKey",
        tag = "Tag::Keys"
    )]
    async fn create(&self, caller: Caller, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let name = name(&body.read().await?)?;
        let keys = self.0.store().keys(caller.tenant).await?;
        if keys.len() >= MOST {
            return Err(Problem::new(Code::TooManyItems, "The tenant has 1,000 keys already.").into());
        }
        let plan = keys
            .into_iter()
            .find(|key| key.id == caller.key)
            .map(|key| key.plan)
            .unwrap_or_default();
        let secret = Secret::from_bytes((self.0.api.entropy)());
        let key = ApiKey {
            id: KeyId(self.0.api.ids.uuid_v7()),
            tenant: caller.tenant,
            name,
            hash: secret.hash,
            prefix: secret.prefix,
            plan,
            created_at: Timestamp(0),
            revoked_at: None,
        };
        self.0.store().create_key(&key).await?;
        let stored = self.0.store().key_by_hash(&key.hash).await?;
        let stored = stored.ok_or_else(|| Problem::new(Code::Internal, "The key was not stored."))?;
        Ok(Answer::Created(Json(CreatedKey {
            secret: secret.text,
            key: stored.into(),
        })))
    }
}

fn name(body: &Bytes) -> Result<String, Problem> {
    let mut name = None;
    for member in members(body).map_err(|fault| fault.problem(body))? {
        if member.name != "name" {
            return Err(
                Problem::new(Code::UnknownMember, "This member is not known here.").at(pointer(&member.name)),
            );
        }
        name = Some(string(&body[member.value]).unwrap_or_default());
    }
    let name =
        name.ok_or_else(|| Problem::new(Code::MissingMember, "The member `name` is missing.").at("/name"))?;
    let good = !name.trim().is_empty() && name.chars().count() <= NAME && !name.chars().any(char::is_control);
    let wrong = "Expected a string of 1 to 100 characters.";
    good.then_some(name)
        .ok_or_else(|| Problem::new(Code::InvalidMember, wrong).at("/name"))
}
