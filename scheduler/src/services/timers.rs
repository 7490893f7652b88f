//! Timers that have come due go to the inboxes of their runs.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
};

/// Timers fired in one statement.
const BATCH: i64 = 1_000;

/// Precision while timers are near.
const NEAR: Duration = Duration::from_millis(25);

/// How far ahead a timer counts as near, and how often the table is looked at when none is.
const HORIZON: Duration = Duration::from_secs(1);

/// Passes at the near pace after a timer was seen: short waits and retry delays come in a row.
const PATIENCE: u16 = 1_200;

/// Fires what is due.
#[derive(Default)]
pub(crate) struct Timers {
    patience: u16,
}

impl Timers {
    /// How long to sleep when the next timer is so far away.
    fn pause(&mut self, until: Duration) -> Duration {
        self.patience = self.patience.saturating_sub(1);
        if self.patience > 0 {
            NEAR
        } else {
            until.clamp(NEAR, HORIZON)
        }
    }
}

#[async_trait]
impl Service for Timers {
    const NAME: &'static str = "timers";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let Some(due) = context.store.next_timer().await? else {
            return Ok(Pace::After(self.pause(HORIZON)));
        };
        let far = context.about_now().await?.after(HORIZON);
        if due > far {
            return Ok(Pace::After(self.pause(HORIZON)));
        }
        let now = context.store.now().await?;
        if due > now {
            if due.since(now) <= HORIZON {
                self.patience = PATIENCE;
            }
            return Ok(Pace::After(self.pause(due.since(now))));
        }
        self.patience = PATIENCE;
        let fired = context.store.fire_timers(context.term, BATCH).await?;
        SchedulerStats::add(&context.stats.timers_fired, fired.len());
        context.observer.timers_fired(now.since(due));
        context.ring(&fired).await;
        Ok(Pace::Again)
    }
}
