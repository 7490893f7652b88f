//! `GET /api/v1/mails/{id}`.

use std::sync::Arc;

use poem_openapi::{OpenApi, param::Path};

use super::{find, view::MailBody};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Get(pub Arc<Shared>);

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::MailNotFound];
}

#[OpenApi]
impl Get {
    /// Read a mail's state
    #[oai(
        path = "/api/v1/mails/:id",
        method = "get",
        operation_id = "getMail",
        tag = "Tag::Mails"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The mail's id.
        id: Path<String>,
    ) -> Result<Json<MailBody>, Failed<Self>> {
        Ok(Json(find(&self.0, caller, &id.0).await?.into()))
    }
}
