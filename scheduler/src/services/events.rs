//! Goes on with events that matched more runs than one transaction takes.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

const IDLE: Duration = Duration::from_secs(1);

pub(crate) struct Events;

#[async_trait]
impl Service for Events {
    const NAME: &'static str = "events";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let woken = context.store.continue_events(context.term).await?;
        if woken.is_empty() {
            return Ok(Pace::After(IDLE));
        }
        context.ring(&woken).await;
        Ok(Pace::Again)
    }
}
