//! What the API needs from outside, and what it keeps while it runs.

use std::sync::Arc;

use levqor_ledger::Watch;
use levqor_platform::Platform;
use levqor_queue::Queue;
use levqor_store::{
    IdSource, Store, TenantId,
    batch::{Deliveries, Intake},
};
use tokio::sync::Semaphore;

use crate::{
    auth::{Keys, Tokens},
    backlog::Backlog,
    catalogue::{Catalogue, Lanes},
    clock::ProcessClock,
    doorbell::Doorbell,
    limit,
    measure::Measured,
    observer::Observer,
    options::ApiOptions,
    routes::{Readiness, RouteTable, ServiceStatus},
    suspensions::Suspensions,
    waiters::Waiters,
};

/// Batches of runs that are read or held at one time; each may have 8 MiB.
const BATCHES: usize = 16;

/// Everything the API needs from outside.
#[derive(Clone)]
pub struct ApiState {
    /// Where runs live.
    pub store: Arc<dyn Store>,
    /// Where hints go.
    pub queue: Arc<dyn Queue>,
    /// The batcher of new runs.
    pub intake: Intake,
    /// The batcher of inbox deliveries.
    pub deliveries: Deliveries,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Time in this process.
    pub clock: Arc<dyn ProcessClock>,
    /// 32 bytes of a cryptographic random source, for secrets of keys.
    pub entropy: Arc<dyn Fn() -> [u8; 32] + Send + Sync>,
    /// What a tenant verifies callbacks with (`whsec_…`); None when no secret key is configured.
    pub webhook_secret: Option<Arc<dyn Fn(TenantId) -> String + Send + Sync>>,
    /// Told of every request.
    pub observer: Arc<dyn Observer>,
    /// The text of `/metrics` (Prometheus text format).
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// What the product's rules stand on.
    pub platform: Platform,
    /// What the installation has from Stripe.
    pub stripe: levqor_billing::Stripe,
    /// What the operator decided.
    pub options: ApiOptions,
}

/// The state of a running API.
pub(crate) struct Shared {
    pub(crate) api: ApiState,
    pub(crate) keys: Keys,
    pub(crate) tokens: Tokens,
    pub(crate) catalogue: Catalogue,
    pub(crate) lanes: Lanes,
    pub(crate) suspensions: Suspensions,
    pub(crate) budgets: Watch,
    pub(crate) anonymous: limit::Anonymous,
    pub(crate) plans: limit::Plans,
    pub(crate) doorbell: Doorbell,
    pub(crate) backlog: Backlog,
    pub(crate) readiness: Readiness,
    pub(crate) service_status: ServiceStatus,
    pub(crate) waiters: Arc<Waiters>,
    pub(crate) measured: Measured,
    pub(crate) batches: Semaphore,
    pub(crate) codes: levqor_dsar::download::Gate,
    pub(crate) routes: RouteTable,
}

impl Shared {
    /// Starts what runs in the background; needs a tokio runtime.
    pub(crate) fn start(api: ApiState) -> Arc<Self> {
        let rates = api.options.rates;
        Arc::new(Self {
            keys: Keys::new(),
            tokens: Tokens::new(),
            catalogue: Catalogue::new(),
            lanes: Lanes::new(),
            suspensions: Suspensions::new(),
            budgets: Watch::new(api.platform.db.clone(), api.options.accounting.prices),
            anonymous: limit::Anonymous::new(rates.anonymous_address, rates.anonymous_total),
            plans: limit::Plans::new(rates),
            doorbell: Doorbell::start(
                Arc::clone(&api.queue),
                Arc::clone(&api.clock),
                Arc::clone(&api.observer),
            ),
            backlog: Backlog::new(
                Arc::new(api.store.db()),
                Arc::clone(&api.clock),
                Arc::clone(&api.observer),
                &api.options,
            ),
            waiters: Waiters::new(Arc::clone(&api.store) as _),
            measured: Measured::new(api.clock.elapsed()),
            readiness: Readiness::new(),
            service_status: ServiceStatus::new(),
            batches: Semaphore::new(BATCHES),
            codes: levqor_dsar::download::Gate::default(),
            routes: RouteTable::new(),
            api,
        })
    }

    /// The store.
    pub(crate) fn store(&self) -> &dyn Store {
        self.api.store.as_ref()
    }

    /// What URLs in answers begin with: the public URL, or nothing.
    pub(crate) fn base(&self) -> &str {
        self.api.options.public_url.as_deref().unwrap_or_default()
    }

    /// Time of this process.
    pub(crate) fn now(&self) -> std::time::Duration {
        self.api.clock.elapsed()
    }
}
