//! Sessions of Stripe's customer portal, where a tenant changes its card and pays.

use async_trait::async_trait;
use levqor_audit::Actor;
use levqor_platform::{NotConfigured, Platform};
use levqor_store::{StoreError, TenantId};
use serde_json::json;

use crate::{Stripe, account::account, trail::Desk};

/// Two clicks within this many seconds open one session.
const SAME: i64 = 30;

/// Makes sessions; a real client of Stripe, or a test's.
#[async_trait]
pub trait Portal: Send + Sync {
    /// A session in which the customer changes how it pays; its URL, which works for a few minutes. The same key gives
    /// the same session.
    async fn session(&self, customer: &str, return_url: &str, key: &str) -> Result<String, PortalError>;
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PortalError {
    /// Stripe did not answer, or asks for patience; another try may do.
    #[error("Stripe cannot be reached: {0}")]
    Unavailable(String),
    /// Stripe said no, or what it said cannot be read; another try will not do.
    #[error("Stripe refused: {0}")]
    Refused(String),
}

/// Why no portal was opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A setting is missing.
    #[error(transparent)]
    NotConfigured(#[from] NotConfigured),
    /// Nobody pays for the tenant.
    #[error("the tenant has no billing account")]
    NoAccount,
    /// There is no session.
    #[error(transparent)]
    Portal(#[from] PortalError),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the portal for a tenant; the URL to send its browser to. It is noted in the audit trail, and never mailed.
pub async fn open_portal(
    platform: &Platform,
    stripe: &Stripe,
    tenant: TenantId,
    actor: Actor,
) -> Result<String, OpenError> {
    let feature = "the billing portal";
    let portal = stripe.portal.as_ref().ok_or(NotConfigured {
        feature,
        setting: "stripe_secret_key",
    })?;
    let back = platform.link(feature, "/")?;
    let account = account(&platform.db, tenant).await?.ok_or(OpenError::NoAccount)?;
    let now = platform.db.now().await?;
    let key = format!(
        "levqor/portal/{}/{}",
        account.customer,
        now.0 / (SAME * 1_000_000)
    );
    let url = portal.session(&account.customer, &back, &key).await?;
    let tx = platform.db.begin().await?;
    let desk = Desk {
        platform,
        tx: &tx,
        now,
    };
    desk.note(
        tenant,
        actor,
        "billing.portal_opened",
        json!({"customer": account.customer}),
    )
    .await?;
    tx.commit().await?;
    Ok(url)
}
