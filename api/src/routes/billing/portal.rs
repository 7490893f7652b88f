//! `POST /api/billing/portal`.

use std::sync::Arc;

use levqor_audit::Actor;
use levqor_billing::open_portal;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct OpenPortal(pub Arc<Shared>);

/// A session of Stripe's customer portal.
#[derive(Serialize, Object)]
struct PortalSession {
    /// Where to send the browser of whoever pays, at once: it works for a few minutes, and whoever has it is the
    /// customer. To be sent to people later, `billing_url` of GET /api/billing/status is made.
    url: String,
}

impl Failures for OpenPortal {
    const CODES: &'static [Code] = &[
        Code::Unauthenticated,
        Code::UserToken,
        Code::BillingAccountNotFound,
        Code::NotConfigured,
    ];
}

#[OpenApi]
impl OpenPortal {
    /// Open the customer portal
    ///
    /// Makes a session in which the tenant's payer changes its card and pays. Repeats within half a minute give the same
    /// session.
    #[oai(
        path = "/api/billing/portal",
        method = "post",
        operation_id = "openBillingPortal",
        tag = "Tag::Billing"
    )]
    async fn create(&self, caller: Caller) -> Result<Json<PortalSession>, Failed<Self>> {
        let api = &self.0.api;
        let url = open_portal(&api.platform, &api.stripe, caller.tenant, Actor::Key(caller.key)).await?;
        Ok(Json(PortalSession { url }))
    }
}
