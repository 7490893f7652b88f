//! `GET /api/v1/keys`.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::view::KeyBody;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct List(pub Arc<Shared>);

/// The keys of the tenant, newest first, revoked ones included.
#[derive(Serialize, Object)]
struct Keys {
    /// The keys.
    keys: Vec<KeyBody>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List API keys
    #[oai(
        path = "/api/v1/keys",
        method = "get",
        operation_id = "listKeys",
        tag = "Tag::Keys"
    )]
    async fn list(&self, caller: Caller) -> Result<Json<Keys>, Failed<Self>> {
        let keys = self.0.store().keys(caller.tenant).await?;
        Ok(Json(Keys {
            keys: keys.into_iter().map(Into::into).collect(),
        }))
    }
}
