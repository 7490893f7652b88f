//! Makes the partitions of `ended` ahead of time (P12).

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

const PAUSE: Duration = Duration::from_hours(1);

pub(crate) struct Partitions;

#[async_trait]
impl Service for Partitions {
    const NAME: &'static str = "partitions";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        context.store.ensure_partitions(context.term).await?;
        Ok(Pace::After(PAUSE))
    }
}
