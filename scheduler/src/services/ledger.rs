//! Books what ended runs and sent mails used.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

/// Rows booked in one transaction: on SQLite nobody else writes meanwhile, so it is short.
const BATCH: i64 = 1_000;

/// How often. Budgets and summaries count what is not booked yet too, so nobody waits for it.
const PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct Ledger;

#[async_trait]
impl Service for Ledger {
    const NAME: &'static str = "ledger";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let booked = levqor_ledger::fold(&context.platform, &context.options.accounting, BATCH).await?;
        context.observer.booked(&booked);
        let full = i64::try_from(booked.rows).is_ok_and(|rows| rows >= BATCH);
        Ok(if full { Pace::Again } else { Pace::After(PAUSE) })
    }
}
