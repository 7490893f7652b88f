//! `GET /api/marketing/unsubscribe/{token}`: for people who open the link. Scanners do too, so it changes nothing.

use std::sync::Arc;

use askama::Template;
use levqor_consent::{List, look_unsubscribe};
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::person::unknown;
use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct UnsubscribePage(pub Arc<Shared>);

/// What stands on the page of a link to unsubscribe.
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
#[template(path = "consent/unsubscribe.html")]
struct Question<'a> {
    token: &'a str,
    list: &'a List,
}

#[derive(Template)]
#[template(path = "consent/unsubscribed.html")]
struct Done<'a> {
    list: &'a List,
}

impl Failures for UnsubscribePage {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl UnsubscribePage {
    /// Page to unsubscribe
    ///
    /// Where the link in each marketing mail leads. Nothing is changed before its button is pressed.
    #[oai(
        path = "/api/marketing/unsubscribe/:token",
        method = "get",
        operation_id = "getUnsubscribe",
        tag = "Tag::Consent"
    )]
    async fn get(
        &self,
        /// The token of the mail.
        token: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let list = look_unsubscribe(&self.0.api.platform, &token.0).await?;
        Ok(page(&token.0, list.as_ref())?)
    }
}

/// The page for what a token leads to.
pub(super) fn page(token: &str, list: Option<&List>) -> Result<Answer, Problem> {
    Ok(match list {
        None => Answer::Unknown(unknown()?),
        Some(list) if list.subscribed => Answer::Shown(render("Unsubscribe", &Question { token, list })?),
        Some(list) => Answer::Shown(render("You are unsubscribed", &Done { list })?),
    })
}
