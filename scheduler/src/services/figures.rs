//! Figures of the whole installation, for gauges.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;
use tokio::time::Instant;

use crate::{
    context::Context,
    service::{Pace, Service},
    stats::FleetFigures,
};

/// Between two looks: about as often as Prometheus asks.
const EVERY: Duration = Duration::from_secs(15);

/// A look at millions of runs takes long: it may have this share of one connection's time, one part in so many.
const SHARE: u32 = 50;

/// When to look again, after a look that began then.
pub(super) fn next(start: Instant) -> Pace {
    Pace::After(EVERY.max(start.elapsed() * SHARE))
}

/// Looks.
pub(crate) struct Figures;

#[async_trait]
impl Service for Figures {
    const NAME: &'static str = "figures";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let start = Instant::now();
        let at = context.about_now().await?;
        let fleet = context.store.db().fleet().await?;
        let beats = context.beats().await?;
        let figures = FleetFigures {
            at,
            fleet,
            hints: context.queue.depth().await.ok(),
            workers: beats.len(),
            slots: beats.iter().map(|beat| i64::from(beat.slots)).sum(),
            busy: beats.iter().map(|beat| i64::from(beat.busy)).sum(),
        };
        *context.stats.fleet.lock() = Some(figures);
        Ok(next(start))
    }
}

#[cfg(test)]
mod tests {
    use levqor_platform::testing::TestPlatform;
    use levqor_store::WorkerId;

    use super::*;

    #[tokio::test]
    async fn what_waits_is_told_and_the_next_look_comes_in_time() {
        let app = TestPlatform::sqlite().await;
        let holder = WorkerId(app.platform.ids.uuid_v7());
        let term = app
            .store
            .lead(holder, Duration::from_mins(1))
            .await
            .unwrap()
            .unwrap();
        let context = Context::of(&app, term);
        let pace = Figures.pass(&context).await.unwrap();
        assert!(matches!(pace, Pace::After(pause) if pause >= EVERY), "{pace:?}");
        let figures = context.stats.fleet.lock().clone().unwrap();
        assert_eq!((figures.hints, figures.workers), (Some(0), 0));
        assert_eq!(figures.fleet.backlog.count, 0);
    }
}
