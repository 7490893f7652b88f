//! Brings the operator's Notion up to date.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

const IDLE: Duration = Duration::from_secs(5);

/// Without a token nothing is sent; rows that were written wait for one.
const OFF: Duration = Duration::from_mins(1);

pub(crate) struct Notion;

#[async_trait]
impl Service for Notion {
    const NAME: &'static str = "notion";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let Some(sender) = &context.notion else {
            return Ok(Pace::After(OFF));
        };
        let sent = sender.pass().await?;
        SchedulerStats::add(&context.stats.notion_synced, sent.synced);
        SchedulerStats::add(&context.stats.notion_failed, sent.failed);
        Ok(if sent.full { Pace::Again } else { Pace::After(IDLE) })
    }
}
