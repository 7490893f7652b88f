//! Stripe's events are processed, and runs of dunning started, by the leader.

use std::time::Duration;

use async_trait::async_trait;
use levqor_billing::{mend, process, start_runs};
use levqor_platform::Platform;
use levqor_processes::ProcessError;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

/// How often it is looked whether an event has come. Suspension ends this long after a payment at the latest, so it is
/// short; an idle pass costs two reads of empty indexes.
const PAUSE: Duration = Duration::from_secs(1);

/// Passes between two mendings, about a minute.
const MEND: u32 = 60;

/// Processes what the webhook stored.
#[derive(Default)]
pub(crate) struct Billing {
    passes: u32,
}

impl Billing {
    async fn work(&mut self, platform: &Platform) -> Result<usize, ProcessError> {
        if self.passes.is_multiple_of(MEND) {
            mend(platform).await?;
        }
        self.passes = self.passes.wrapping_add(1);
        let events = process(platform).await?;
        Ok(events + start_runs(platform).await?)
    }
}

#[async_trait]
impl Service for Billing {
    const NAME: &'static str = "billing";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        match self.work(&context.platform).await {
            Ok(0) => Ok(Pace::After(PAUSE)),
            Ok(_) => Ok(Pace::Again),
            Err(ProcessError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "a run of dunning cannot be started");
                Ok(Pace::After(PAUSE))
            }
        }
    }
}
