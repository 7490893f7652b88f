//! `POST /api/data-export/confirm`: the button of the page.

use std::sync::Arc;

use levqor_dsar::{Opened, confirm};
use poem_openapi::{ApiResponse, OpenApi};

use super::{
    confirm_page::{self, page},
    given::{Body, Given},
    view::RequestBody,
};
use crate::{
    body::RawBody,
    error::{Code, Failed, Failures},
    json::Json,
    page::Page,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Confirm(pub Arc<Shared>);

#[derive(ApiResponse)]
#[expect(clippy::large_enum_variant, reason = "one is made for a request")]
enum Answer {
    /// Confirmed: the data is being collected. A page when a form was sent.
    #[oai(status = 200)]
    Confirmed(Json<RequestBody>),
    /// The same as a page.
    #[oai(status = 200)]
    Shown(Page),
    /// A page that says the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
}

impl Failures for Confirm {
    const CODES: &'static [Code] = &[
        Code::ExportLinkInvalid,
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Confirm {
    /// Confirm a request for data
    ///
    /// By the person, for whom their tenant made it. Safe to repeat.
    #[oai(
        path = "/api/data-export/confirm",
        method = "post",
        operation_id = "confirmDataExport",
        tag = "Tag::DataRequests"
    )]
    async fn confirm(&self, body: RawBody<Body>) -> Result<Answer, Failed<Self>> {
        let (given, form) = Given::read(body).await?;
        let confirmed = confirm(&self.0.api.platform, &given.token).await;
        let request = confirmed.map(|(Opened::New(request) | Opened::Existing(request))| request);
        if !form {
            return Ok(Answer::Confirmed(Json(RequestBody::for_person(request?))));
        }
        Ok(match page(&given.token, request)? {
            confirm_page::Answer::Shown(page) => Answer::Shown(page),
            confirm_page::Answer::Unknown(page) => Answer::Unknown(page),
        })
    }
}
