//! `PUT /api/v1/marketing/sender`.

use std::sync::Arc;

use levqor_consent::put_sender;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

use super::{super::rules::line, view::SenderBody};
use crate::{
    auth::Caller,
    body::{RawBody, Typed},
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct PutSender(pub Arc<Shared>);

/// Who sends your marketing mail, as its foot says.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
struct NewSender {
    /// Name of the sender, who answers for the consents too.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// Where the sender can be written to by post, in one line.
    #[oai(validator(min_length = 1, max_length = 300))]
    postal_address: String,
}

impl Failures for PutSender {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
    ];
}

#[OpenApi]
impl PutSender {
    /// Say who sends your marketing mail
    ///
    /// The law wants to know in each mail. Consents asked for from now on name this sender too.
    #[oai(
        path = "/api/v1/marketing/sender",
        method = "put",
        operation_id = "putMarketingSender",
        tag = "Tag::Consent"
    )]
    async fn put(
        &self,
        caller: Caller,
        body: RawBody<Typed<NewSender>>,
    ) -> Result<Json<SenderBody>, Failed<Self>> {
        let body = body.typed().await?;
        let name = line("/name", body.name, 100)?;
        let address = line("/postal_address", body.postal_address, 300)?;
        let sender = put_sender(&self.0.api.platform, caller.tenant, name, address).await?;
        Ok(Json(sender.into()))
    }
}
