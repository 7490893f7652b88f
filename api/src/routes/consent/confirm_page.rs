//! `GET /api/marketing/consent/confirm`: the page with the button. Scanners of mails open it too, so it changes nothing.

use std::sync::Arc;

use askama::Template;
use levqor_consent::{Confirmation, Standing, look};
use poem_openapi::{ApiResponse, OpenApi, param::Query};

use super::person::unknown;
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
    /// A page that says the link came too late.
    #[oai(status = 410)]
    Expired(Page),
}

#[derive(Template)]
#[template(path = "consent/confirm.html")]
struct Open<'a> {
    token: &'a str,
    asked: &'a Confirmation,
}

#[derive(Template)]
#[template(path = "consent/confirmed.html")]
struct Granted<'a> {
    asked: &'a Confirmation,
}

#[derive(Template)]
#[template(path = "consent/expired.html")]
struct Expired<'a> {
    asked: &'a Confirmation,
}

impl Failures for ConfirmPage {
    const CODES: &'static [Code] = &[Code::NotConfigured];
}

#[OpenApi]
impl ConfirmPage {
    /// Page to confirm a consent
    ///
    /// Where the link in the mail leads. Nothing is confirmed before its button is pressed.
    #[oai(
        path = "/api/marketing/consent/confirm",
        method = "get",
        operation_id = "getConsentConfirmation",
        tag = "Tag::Consent"
    )]
    async fn get(
        &self,
        /// The token of the mail.
        token: Query<String>,
    ) -> Result<Answer, Failed<Self>> {
        let asked = look(&self.0.api.platform, &token.0).await?;
        Ok(page(&token.0, asked.as_ref())?)
    }
}

/// The page for what a token leads to.
pub(super) fn page(token: &str, asked: Option<&Confirmation>) -> Result<Answer, Problem> {
    let Some(asked) = asked else {
        return Ok(Answer::Unknown(unknown()?));
    };
    Ok(match asked.standing {
        Standing::Open => Answer::Shown(render("Confirm your subscription", &Open { token, asked })?),
        Standing::Granted => Answer::Shown(render("You are subscribed", &Granted { asked })?),
        Standing::Expired => Answer::Expired(render("This link came too late", &Expired { asked })?),
    })
}
