//! `GET /api/v1/users/me`.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::{found, view::UserBody};
use crate::{
    auth::{Authority, SignedIn},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Me(pub Arc<Shared>);

impl Failures for Me {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::UserNotFound];
}

#[OpenApi]
impl Me {
    /// Read one's own record
    ///
    /// The person whose token was sent.
    #[oai(
        path = "/api/v1/users/me",
        method = "get",
        operation_id = "getMe",
        tag = "Tag::Users"
    )]
    async fn me(&self, person: SignedIn) -> Result<Json<UserBody>, Failed<Self>> {
        let id = person.user.to_string();
        Ok(Json(found(&self.0, Authority::User(person), &id).await?.into()))
    }
}
