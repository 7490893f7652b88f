//! `GET /data-export/confirm`: the page with the button. Scanners of mails open it too, so it changes nothing.

use std::sync::Arc;

use askama::Template;
use levqor_dsar::{DsarError, Request, State, confirmable};
use poem_openapi::{ApiResponse, OpenApi, param::Query};

use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct ConfirmPage(pub Arc<Shared>);

/// What stands on the page of a link to confirm.
#[derive(ApiResponse)]
pub(super) enum Answer {
    /// The page.
    #[oai(status = 200)]
    Shown(Page),
    /// A page that says the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
}

#[derive(Template)]
#[template(path = "data_export/confirm.html")]
struct Ask<'a> {
    token: &'a str,
}

#[derive(Template)]
#[template(path = "data_export/confirmed.html")]
struct Confirmed;

#[derive(Template)]
#[template(path = "data_export/unknown.html")]
struct Unknown;

impl Failures for ConfirmPage {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl ConfirmPage {
    /// Page to confirm a request for data
    ///
    /// Where the link in the mail leads. Nothing is confirmed before its button is pressed.
    #[oai(
        path = "/data-export/confirm",
        method = "get",
        operation_id = "getDataExportConfirmation",
        tag = "Tag::DataRequests"
    )]
    async fn get(
        &self,
        /// The token of the mail.
        token: Query<String>,
    ) -> Result<Answer, Failed<Self>> {
        let found = confirmable(&self.0.api.platform, &token.0).await;
        Ok(page(&token.0, found)?)
    }
}

/// The page for what a token leads to.
pub(super) fn page(token: &str, found: Result<Request, DsarError>) -> Result<Answer, Problem> {
    match found {
        Ok(request) if request.state == State::Unverified => Ok(Answer::Shown(render(
            "Do you want a copy of your data?",
            &Ask { token },
        )?)),
        Ok(_) => Ok(Answer::Shown(render("Your request is confirmed", &Confirmed)?)),
        Err(DsarError::Refused(_)) => Ok(Answer::Unknown(unknown()?)),
        Err(error) => Err(error.into()),
    }
}

/// The link is not one of ours, or of no use any more.
pub(super) fn unknown() -> Result<Page, Problem> {
    render("This link leads nowhere", &Unknown)
}
