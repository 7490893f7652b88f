//! `POST /api/marketing/consent/confirm`: the button of the page.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi};

use super::{
    confirm_page::{Answer, page},
    person::evidence,
};
use crate::{
    body::Fields,
    error::{Code, Failed, Failures},
    routes::Tag,
    state::Shared,
    visitor::Visitor,
};

pub(crate) struct Confirm(pub Arc<Shared>);

/// What the button sends; described for the document, read by [`Fields`].
#[derive(Object)]
pub(crate) struct ConfirmForm {
    /// The token of the mail.
    token: String,
}

impl Failures for Confirm {
    const CODES: &'static [Code] = &[
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Confirm {
    /// Confirm a consent
    ///
    /// The consent is granted when the page is answered. Safe to repeat.
    #[oai(
        path = "/api/marketing/consent/confirm",
        method = "post",
        operation_id = "confirmConsent",
        tag = "Tag::Consent"
    )]
    async fn confirm(&self, visitor: Visitor, form: Fields<ConfirmForm>) -> Result<Answer, Failed<Self>> {
        let fields = form.read().await?;
        let token = fields.first("token").unwrap_or_default();
        let platform = &self.0.api.platform;
        let asked = levqor_consent::confirm(platform, token, evidence(platform, &visitor)).await?;
        Ok(page(token, asked.as_ref())?)
    }
}
