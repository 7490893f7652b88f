//! `POST /api/marketing/unsubscribe/{token}`: one click in a mail program (RFC 8058), or the button of the page.

use std::sync::Arc;

use poem_openapi::{Object, OpenApi, param::Path};

use super::{
    person::evidence,
    unsubscribe_page::{Answer, page},
};
use crate::{
    body::Fields,
    error::{Code, Failed, Failures, Problem},
    routes::Tag,
    state::Shared,
    visitor::Visitor,
};

/// The one field of the body, and its value (RFC 8058, section 3.1).
const FIELD: &str = "List-Unsubscribe";
const VALUE: &str = "One-Click";

pub(crate) struct Unsubscribe(pub Arc<Shared>);

/// What a mail program sends; described for the document, read by [`Fields`].
#[derive(Object)]
pub(crate) struct UnsubscribeForm {
    /// `One-Click`.
    #[oai(rename = "List-Unsubscribe")]
    list_unsubscribe: String,
    /// `page` when a person pressed the button of the page.
    via: Option<String>,
}

impl Failures for Unsubscribe {
    const CODES: &'static [Code] = &[
        Code::RequestTimeout,
        Code::BodyTooLarge,
        Code::UnsupportedMediaType,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl Unsubscribe {
    /// Unsubscribe
    ///
    /// The body is `List-Unsubscribe=One-Click`. No cookie, no login, no redirect; the consent is withdrawn when this is
    /// answered. Safe to repeat, for ever. These requests are not counted against a rate.
    #[oai(
        path = "/api/marketing/unsubscribe/:token",
        method = "post",
        operation_id = "unsubscribe",
        tag = "Tag::Consent"
    )]
    async fn unsubscribe(
        &self,
        visitor: Visitor,
        /// The token of the mail.
        token: Path<String>,
        form: Fields<UnsubscribeForm>,
    ) -> Result<Answer, Failed<Self>> {
        let fields = form.read().await?;
        if fields.first(FIELD) != Some(VALUE) {
            let detail = format!("Expected {FIELD}={VALUE} in the body.");
            return Err(Problem::new(Code::BadRequest, detail).into());
        }
        let method = match fields.first("via") {
            Some("page") => "unsubscribe_page",
            _ => "one_click",
        };
        let platform = &self.0.api.platform;
        let from = evidence(platform, &visitor);
        let list = levqor_consent::unsubscribe(platform, &token.0, method, from).await?;
        Ok(page(&token.0, list.as_ref())?)
    }
}
