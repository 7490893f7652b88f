//! Batchers of what comes from outside: new runs and deliveries to inboxes.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    Delivery, DeliveryFate, IntakeFate, NewRun, RunId, Store, StoreError,
    batch::{Batcher, Flush, Settings},
};

/// What a row costs beside its texts, about.
const ROW: usize = 160;

/// Accepts runs.
pub type Intake = Batcher<IntakeFlush>;

/// [`IntakeStore::intake`](crate::IntakeStore::intake), a fresh token per batch (P2).
pub struct IntakeFlush(Arc<dyn Store>);

impl From<Arc<dyn Store>> for IntakeFlush {
    fn from(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Flush for IntakeFlush {
    type Item = NewRun;
    type Fate = IntakeFate;

    const NAME: &'static str = "intake";
    const SETTINGS: Settings = Settings::API;
    const BY_TOKEN: bool = true;

    fn run(item: &NewRun) -> RunId {
        item.id
    }

    fn size(item: &NewRun) -> usize {
        let key = item
            .idempotency
            .as_ref()
            .map_or(0, |claim| claim.key.len() + claim.request_hash.len());
        ROW + item.input.len() + item.callback_url.as_ref().map_or(0, String::len) + key
    }

    async fn flush(&self, token: Uuid, items: &[NewRun]) -> Result<Vec<IntakeFate>, StoreError> {
        self.0.intake(token, items).await
    }
}

/// Delivers to inboxes and wakes.
pub type Deliveries = Batcher<DeliveryFlush>;

/// [`IntakeStore::deliver`](crate::IntakeStore::deliver); several deliveries to one run travel together (P4).
pub struct DeliveryFlush(Arc<dyn Store>);

impl From<Arc<dyn Store>> for DeliveryFlush {
    fn from(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Flush for DeliveryFlush {
    type Item = Delivery;
    type Fate = DeliveryFate;

    const NAME: &'static str = "deliver";
    const SETTINGS: Settings = Settings::API;
    const RUN_MAY_REPEAT: bool = true;
    const BY_TOKEN: bool = true;

    fn run(item: &Delivery) -> RunId {
        item.run
    }

    fn size(item: &Delivery) -> usize {
        ROW + item.body.len()
    }

    async fn flush(&self, token: Uuid, items: &[Delivery]) -> Result<Vec<DeliveryFate>, StoreError> {
        self.0.deliver(token, items).await
    }
}
