//! `GET /api/billing/status`.

use std::sync::Arc;

use levqor_billing::{Owed, pay_link, status};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::Json,
    routes::Tag,
    state::Shared,
    time::format,
};

pub(crate) struct Status(pub Arc<Shared>);

/// What the tenant owes.
#[derive(Serialize, Object)]
struct BillingStatus {
    /// `ok`; `past_due` for the moment between a failed payment and the first letter; the worst stage that a bill has
    /// reached: `day1_notice`, `day7_notice`, `day14_final`, `suspended`; or `held` while payment is promised.
    status: String,
    /// When the next stage is due if nothing is paid (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    next_action_at: Option<String>,
    /// Until when payment is promised; nothing goes on before (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<String>,
    /// Page on which the bill can be paid, for 30 days: whoever has the URL can open it. Absent where nobody pays for
    /// the tenant, or the installation has no public URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_url: Option<String>,
    /// Invoices that are past due, oldest first.
    invoices: Vec<OwedInvoice>,
}

/// An invoice that is past due.
#[derive(Serialize, Object)]
struct OwedInvoice {
    /// Stripe's id.
    id: String,
    /// The number on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// What is not paid of it, in the minor unit of the currency as Stripe counts it: pence, yen.
    amount: i64,
    /// ISO 4217.
    currency: String,
    /// The stage it has reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    /// When its first payment failed (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    past_due_since: Option<String>,
    /// When its next stage is due (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    next_action_at: Option<String>,
    /// Stripe's page of the invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    hosted_invoice_url: Option<String>,
}

impl From<Owed> for OwedInvoice {
    fn from(owed: Owed) -> Self {
        Self {
            id: owed.id,
            number: owed.number,
            amount: owed.amount.minor,
            currency: owed.amount.currency,
            stage: owed.stage.map(|stage| stage.as_str().to_owned()),
            past_due_since: owed.since.map(format),
            next_action_at: owed.next_at.map(format),
            hosted_invoice_url: owed.url,
        }
    }
}

impl Failures for Status {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::UserToken];
}

#[OpenApi]
impl Status {
    /// What the tenant owes
    ///
    /// Of the key's own tenant; it is answered while the tenant is suspended too.
    #[oai(
        path = "/api/billing/status",
        method = "get",
        operation_id = "getBillingStatus",
        tag = "Tag::Billing"
    )]
    async fn get(&self, caller: Caller) -> Result<Json<BillingStatus>, Failed<Self>> {
        let platform = &self.0.api.platform;
        let status = status(&platform.db, caller.tenant).await?;
        let billing_url = if status.linked {
            pay_link(platform, caller.tenant, platform.db.now().await?).ok()
        } else {
            None
        };
        Ok(Json(BillingStatus {
            status: status.state.as_str().to_owned(),
            next_action_at: status.next_at.map(format),
            hold_until: status.hold.map(|(until, _)| format(until)),
            billing_url,
            invoices: status.invoices.into_iter().map(Into::into).collect(),
        }))
    }
}
