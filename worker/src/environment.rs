//! Everything a worker depends on, in one place; outside services stand behind traits.

use std::sync::Arc;

use futures::future::BoxFuture;
use levqor_egress::Egress;
use levqor_expressions::Evaluate;
use levqor_platform::Platform;
use levqor_queue::Queue;
use levqor_store::{Clock, IdSource, Store, StoreError};

use crate::{activity::Registry, observer::Observer};

/// Opens a store whose connections belong to the runtime that awaits it.
pub type OpenStore = Arc<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Store>, StoreError>> + Send + Sync>;

/// A worker's dependencies. Cheap to clone.
#[derive(Clone)]
pub struct Environment {
    /// Where runs live.
    pub store: Arc<dyn Store>,
    /// For the beats, which have a thread and a runtime of their own: a connection of another runtime would wait for
    /// that one to be polled. None shares `store`: right for SQLite, whose connections are threads themselves.
    pub beat_store: Option<OpenStore>,
    /// Where hints come from.
    pub queue: Arc<dyn Queue>,
    /// jq.
    pub evaluator: Arc<dyn Evaluate>,
    /// The one HTTP client that may leave the machine.
    pub egress: Egress,
    /// Ids and random numbers.
    pub ids: Arc<dyn IdSource>,
    /// The machine's wall clock, for activities that tell the time; nothing the engine decides depends on it.
    pub clock: Arc<dyn Clock>,
    /// What the product's activities stand on.
    pub platform: Platform,
    /// Told of what the worker does; the unit when nobody listens.
    pub observer: Arc<dyn Observer>,
    /// What documents may call.
    pub registry: Registry,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
