//! `POST /billing/pay/{token}`: the button of the page.

use std::sync::Arc;

use askama::Template;
use levqor_audit::Actor;
use levqor_billing::{BadLink, OpenError, PortalError, open_portal};
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::pay_page::{opened, refused};
use crate::{
    error::{Code, Failed, Failures},
    page::{Leading, Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct Pay(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// To Stripe's portal, in a session made for this click.
    #[oai(status = 303)]
    Go(
        /// The session's URL.
        #[oai(header = "Location")]
        String,
    ),
    /// A page that says the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
    /// A page that says the link is too old.
    #[oai(status = 410)]
    Expired(Page),
    /// A page that says Stripe cannot be reached now, with the button to try again.
    #[oai(status = 503)]
    Later(
        Leading,
        /// Seconds to wait.
        #[oai(header = "Retry-After")]
        String,
    ),
}

#[derive(Template)]
#[template(path = "billing/later.html")]
struct Later<'a> {
    token: &'a str,
}

impl Failures for Pay {
    const CODES: &'static [Code] = &[Code::BillingAccountNotFound, Code::NotConfigured];
}

#[OpenApi]
impl Pay {
    /// Go to Stripe to pay
    ///
    /// Makes a session of the customer portal and sends the browser there. No session is ever in a letter.
    #[oai(
        path = "/billing/pay/:token",
        method = "post",
        operation_id = "payBill",
        tag = "Tag::Billing"
    )]
    async fn post(
        &self,
        /// The token of the letter.
        token: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        let tenant = match opened(&self.0, &token.0).await? {
            Ok(tenant) => tenant,
            Err(BadLink::Unknown) => return Ok(Answer::Unknown(refused(BadLink::Unknown)?)),
            Err(BadLink::Expired) => return Ok(Answer::Expired(refused(BadLink::Expired)?)),
        };
        let api = &self.0.api;
        match open_portal(&api.platform, &api.stripe, tenant, Actor::Anonymous).await {
            Ok(url) => Ok(Answer::Go(url)),
            Err(OpenError::Portal(PortalError::Unavailable(why))) => {
                tracing::warn!(why, "no portal session");
                let page = render("Please try again in a moment", &Later { token: &token.0 })?;
                Ok(Answer::Later(Leading(page), "10".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
