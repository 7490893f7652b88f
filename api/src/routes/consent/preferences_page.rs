//! `GET /marketing/preferences/{token}`: all lists of an address. It changes nothing.

use std::sync::Arc;

use askama::Template;
use levqor_consent::{Preferences, preferences};
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::person::unknown;
use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct PreferencesPage(pub Arc<Shared>);

/// What stands on the page.
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
#[template(path = "consent/preferences.html")]
struct Body<'a> {
    token: &'a str,
    saved: bool,
    lists: &'a Preferences,
}

impl Failures for PreferencesPage {
    const CODES: &'static [Code] = &[];
}

#[OpenApi]
impl PreferencesPage {
    /// Page with the subscriptions of an address
    ///
    /// The link stands in the foot of each marketing mail.
    #[oai(
        path = "/marketing/preferences/:token",
        method = "get",
        operation_id = "getPreferences",
        tag = "Tag::Consent"
    )]
    async fn get(
        &self,
        /// The token of the mail.
        token: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let lists = preferences(&self.0.api.platform, &token.0).await?;
        Ok(page(&token.0, lists.as_ref(), false)?)
    }
}

/// The page for what a token leads to.
pub(super) fn page(token: &str, lists: Option<&Preferences>, saved: bool) -> Result<Answer, Problem> {
    Ok(match lists {
        None => Answer::Unknown(unknown()?),
        Some(lists) => Answer::Shown(render("Your subscriptions", &Body { token, saved, lists })?),
    })
}
