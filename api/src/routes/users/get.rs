//! `GET /api/v1/users/{id}`.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::{found, view::UserBody};
use crate::{
    auth::Authority,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::UserNotFound];
}

#[OpenApi]
impl Get {
    /// Read a person
    ///
    /// With the tenant's key, or with the person's own token.
    #[oai(
        path = "/api/v1/users/:id",
        method = "get",
        operation_id = "getUser",
        tag = "Tag::Users"
    )]
    async fn get(
        &self,
        authority: Authority,
        /// The person's id.
        id: Path<String>,
    ) -> Result<Json<UserBody>, Failed<Self>> {
        Ok(Json(found(&self.0, authority, &id.0).await?.into()))
    }
}
