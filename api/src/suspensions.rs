//! Tenants that are suspended until their bill is settled start nothing new. What is known of a tenant is believed for a
//! second, so that a payment opens the service within that time in every process.

use std::time::Duration;

use levqor_billing::{pay_link, suspended};
use levqor_platform::Cache;
use levqor_store::TenantId;

use crate::{
    error::{Code, Problem},
    state::Shared,
};

/// How long what is known of a tenant is believed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Most tenants in memory.
const CAPACITY: usize = 20_000;

/// Which tenants are suspended.
pub(crate) struct Suspensions(Cache<TenantId, bool>);

impl Suspensions {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MAX_AGE, CAPACITY))
    }

    /// A problem while the tenant is suspended. Only what starts runs asks: reading, exporting, erasing and paying stay
    /// open.
    pub(crate) async fn check(&self, shared: &Shared, tenant: TenantId) -> Result<(), Problem> {
        let platform = &shared.api.platform;
        let load = async || suspended(&platform.db, tenant).await;
        if !self.0.get(tenant, || shared.now(), load).await? {
            return Ok(());
        }
        let detail = "A bill of this tenant is overdue. Runs under way go on; new ones start again once it is settled.";
        let problem = Problem::new(Code::BillingSuspended, detail);
        // Without a public URL or a secret key there is no link to name.
        Err(match pay_link(platform, tenant, platform.db.now().await?) {
            Ok(url) => problem.billing_url(url),
            Err(_) => problem,
        })
    }
}
