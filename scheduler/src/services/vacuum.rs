//! Keeps the tables of live runs free of what rows that are gone have left behind.

use std::time::Duration;

use async_trait::async_trait;
use levqor_store::StoreError;

use crate::{
    context::Context,
    service::{Pace, Service},
};

/// How often it looks, and the longest pause while that does not help: another transaction still sees the rows, be it an `ANALYZE`
/// of a second or one forgotten, or the role does not own the tables.
const LOOK: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));

#[derive(Default)]
pub(crate) struct Vacuum {
    pause: Duration,
}

#[async_trait]
impl Service for Vacuum {
    const NAME: &'static str = "vacuum";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let helped = context.store.vacuum().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "dead rows are left to autovacuum");
            false
        });
        self.pause = pause(self.pause, helped);
        Ok(Pace::After(self.pause))
    }
}

fn pause(last: Duration, helped: bool) -> Duration {
    if helped {
        return LOOK.0;
    }
    (last * 2).clamp(LOOK.0, LOOK.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_less_often_the_longer_that_does_not_help_and_anew_when_it_does() {
        let looks = std::iter::successors(Some(LOOK.0), |last| Some(pause(*last, false)));
        let seconds: Vec<_> = looks.take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause(LOOK.1, true), LOOK.0);
    }
}
