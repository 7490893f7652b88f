//! Budgets as those who start and carry runs ask for them: in memory, at most a second old, so that neither intake nor a
//! step waits for the database.

use std::{sync::Arc, time::Duration};

use levqor_entities::budgets::{Action, Scope};
use levqor_platform::Cache;
use levqor_store::{Db, KeyId, Prices, StoreError, TenantId};

use crate::{Standing, standing::standings};

/// How long what is known of a tenant's budgets is believed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// Most tenants in memory.
const CAPACITY: usize = 20_000;

/// Who wants to spend.
#[derive(Clone, Copy, Debug)]
pub struct Spender<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// `document.namespace` of the workflow.
    pub namespace: &'a str,
    /// `document.name` of the workflow.
    pub name: &'a str,
    /// The key that starts or started the run.
    pub key: Option<KeyId>,
}

impl Spender<'_> {
    /// Whether this budget is about it.
    fn is_under(&self, standing: &Standing) -> bool {
        let subject = standing.budget.subject.as_str();
        match standing.budget.scope {
            Scope::Tenant => true,
            Scope::Workflow => subject.split_once('/') == Some((self.namespace, self.name)),
            Scope::Key => self.key.is_some_and(|key| subject.parse() == Ok(key)),
        }
    }
}

/// What is known of budgets in this process.
pub struct Watch {
    db: Db,
    prices: Prices,
    known: Cache<TenantId, Arc<[Standing]>>,
}

impl Watch {
    /// Knows nothing yet.
    pub fn new(db: Db, prices: Prices) -> Self {
        Self {
            db,
            prices,
            known: Cache::new(MAX_AGE, CAPACITY),
        }
    }

    /// A budget that lets nothing start. `now` is the time of this process.
    ///
    /// # Errors
    /// The database is away and nothing fresh is known.
    pub async fn refusing(
        &self,
        spender: Spender<'_>,
        now: impl Fn() -> Duration,
    ) -> Result<Option<Standing>, StoreError> {
        let known = self.known(spender.tenant, now).await?;
        let mut under = known.iter().filter(|standing| spender.is_under(standing));
        Ok(under.find(|standing| standing.exhausted(0)).cloned())
    }

    /// A budget that stops a run before its next call, when the run has cost `own` so far, in millionths of a minor unit.
    ///
    /// # Errors
    /// The database is away and nothing fresh is known.
    pub async fn stopping(
        &self,
        spender: Spender<'_>,
        own: i64,
        now: impl Fn() -> Duration,
    ) -> Result<Option<Standing>, StoreError> {
        let known = self.known(spender.tenant, now).await?;
        let mut stops = known
            .iter()
            .filter(|standing| standing.budget.action == Action::Stop && spender.is_under(standing));
        Ok(stops.find(|standing| standing.exhausted(own)).cloned())
    }

    /// Asks anew at the next question, after a change by this process.
    pub fn forget(&self, tenant: TenantId) {
        self.known.forget(&tenant);
    }

    async fn known(
        &self,
        tenant: TenantId,
        now: impl Fn() -> Duration,
    ) -> Result<Arc<[Standing]>, StoreError> {
        let load = async || standings(&self.db, self.prices, tenant).await.map(Arc::from);
        self.known.get(tenant, now, load).await
    }
}
