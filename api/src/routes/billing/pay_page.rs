//! `GET /billing/pay/{token}`: where the link in a letter leads. Scanners of mails open it too, so it changes nothing and
//! asks Stripe nothing.

use std::sync::Arc;

use askama::Template;
use levqor_billing::{BadLink, Owed, status, tenant_of};
use levqor_store::TenantId;
use poem_openapi::{ApiResponse, OpenApi, param::Path};

use crate::{
    error::{Code, Failed, Failures, Problem},
    page::{Leading, Page, render},
    routes::Tag,
    state::Shared,
};

pub(crate) struct PayPage(pub Arc<Shared>);

#[derive(ApiResponse)]
enum Answer {
    /// The page.
    #[oai(status = 200)]
    Shown(Leading),
    /// A page that says the link leads nowhere.
    #[oai(status = 404)]
    Unknown(Page),
    /// A page that says the link is too old.
    #[oai(status = 410)]
    Expired(Page),
}

#[derive(Template)]
#[template(path = "billing/pay.html")]
struct Pay<'a> {
    token: &'a str,
    invoices: &'a [Owed],
    suspended: bool,
}

#[derive(Template)]
#[template(path = "billing/no_link.html")]
struct NoLink {
    expired: bool,
}

impl Failures for PayPage {
    const CODES: &'static [Code] = &[Code::NotConfigured];
}

#[OpenApi]
impl PayPage {
    /// Page to pay a bill
    ///
    /// Shows what is owed, and a button that leads to Stripe.
    #[oai(
        path = "/billing/pay/:token",
        method = "get",
        operation_id = "getPayPage",
        tag = "Tag::Billing"
    )]
    async fn get(
        &self,
        /// The token of the letter.
        token: Path<String>,
    ) -> Result<Answer, Failed<Self>> {
        match opened(&self.0, &token.0).await? {
            Ok(tenant) => Ok(Answer::Shown(shown(&self.0, &token.0, tenant).await?)),
            Err(BadLink::Unknown) => Ok(Answer::Unknown(refused(BadLink::Unknown)?)),
            Err(BadLink::Expired) => Ok(Answer::Expired(refused(BadLink::Expired)?)),
        }
    }
}

async fn shown(shared: &Shared, token: &str, tenant: TenantId) -> Result<Leading, Problem> {
    let db = &shared.api.platform.db;
    let page = Pay {
        token,
        invoices: &status(db, tenant).await?.invoices,
        suspended: levqor_billing::suspended(db, tenant).await?,
    };
    render("Your bill", &page).map(Leading)
}

/// Whose bill the token leads to.
pub(super) async fn opened(shared: &Shared, token: &str) -> Result<Result<TenantId, BadLink>, Problem> {
    let platform = &shared.api.platform;
    let secrets = platform.secrets("paying by a link")?;
    Ok(tenant_of(secrets, token, platform.db.now().await?))
}

/// The page behind a link that opens nothing.
pub(super) fn refused(link: BadLink) -> Result<Page, Problem> {
    let expired = link == BadLink::Expired;
    let title = if expired {
        "This link is too old"
    } else {
        "This link leads nowhere"
    };
    render(title, &NoLink { expired })
}
