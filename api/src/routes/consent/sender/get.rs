//! `GET /api/v1/marketing/sender`.

use std::sync::Arc;

use levqor_consent::sender;
use poem_openapi::OpenApi;

use super::view::SenderBody;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct GetSender(pub Arc<Shared>);

impl Failures for GetSender {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::NotFound];
}

#[OpenApi]
impl GetSender {
    /// Who sends your marketing mail
    #[oai(
        path = "/api/v1/marketing/sender",
        method = "get",
        operation_id = "getMarketingSender",
        tag = "Tag::Consent"
    )]
    async fn get(&self, caller: Caller) -> Result<Json<SenderBody>, Failed<Self>> {
        let found = sender(&self.0.api.platform, caller.tenant).await?;
        let missing = || Problem::new(Code::NotFound, "No sender is set yet: PUT one here.");
        Ok(Json(found.ok_or_else(missing)?.into()))
    }
}
