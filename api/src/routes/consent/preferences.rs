//! `POST /marketing/preferences/{token}`: the form of the page.

use std::sync::Arc;

use levqor_consent::choose;
use poem_openapi::{Object, OpenApi, param::Path};

use super::{
    person::evidence,
    preferences_page::{Answer, page},
};
use crate::{
    body::Fields,
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
    visitor::Visitor,
};

pub(crate) struct Choose(pub Arc<Shared>);

/// What the form sends; described for the document, read by [`Fields`].
#[derive(Object)]
pub(crate) struct PreferencesForm {
    /// The lists the page showed; others stay as they are.
    shown: Vec<String>,
    /// Those of them that are wanted.
    scope: Option<Vec<String>>,
    /// `save`, or `none` to want nothing any more.
    choice: Option<String>,
}

impl Failures for Choose {
    const CODES: &'static [Code] = &[
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Choose {
    /// Change the subscriptions of an address
    #[oai(
        path = "/marketing/preferences/:token",
        method = "post",
        operation_id = "putPreferences",
        tag = "Tag::Consent"
    )]
    async fn post(
        &self,
        visitor: Visitor,
        /// The token of the mail.
        token: Path<String>,
        form: Fields<PreferencesForm>,
    ) -> Result<Answer, Failed<Self>> {
        let fields = form.read().await?;
        let wanted = (fields.first("choice") != Some("none")).then(|| fields.all("scope"));
        let platform = &self.0.api.platform;
        let from = evidence(platform, &visitor);
        let lists = choose(platform, &token.0, &fields.all("shown"), wanted.as_deref(), from).await?;
        Ok(page(&token.0, lists.as_ref(), true)?)
    }
}
