//! Keeps the tables of live runs free of what rows that are gone have left behind.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

const LOOK: Duration = Duration::from_secs(2);

/// When it did not help: an old transaction still sees the rows, the role does not own the tables, or they are very large.
const LATER: Duration = Duration::from_mins(1);

pub(crate) struct Vacuum;

#[async_trait]
impl Service for Vacuum {
    const NAME: &'static str = "vacuum";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let helped = context.store.vacuum().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "dead rows are left to autovacuum");
            false
        });
        Ok(Pace::After(if helped { LOOK } else { LATER }))
    }
}
