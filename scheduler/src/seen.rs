//! What several services need to know, read once for all of them: an installation with nothing to do is not to be
//! asked the same by each, more than once a second.

use std::time::Duration;

use levqor_store::{Beat, StoreError, Timestamp};
use tokio::{sync::Mutex, time::Instant};

use crate::context::Context;

/// How long a reading of the store's clock is carried on by this process's own. A clock that is turned is seen after it.
const CLOCK: Duration = Duration::from_secs(3);

/// How old beats may be that were read for the rescuer: it reads them every second.
const BEATS: Duration = Duration::from_secs(2);

/// The latest readings of a term, with when they were taken.
#[derive(Default)]
pub(crate) struct Seen {
    clock: Mutex<Option<(Timestamp, Instant)>>,
    beats: Mutex<Option<(Vec<Beat>, Instant)>>,
}

impl Context {
    /// The store's time, for who only looks whether something is due. Read at most every three seconds.
    pub(crate) async fn about_now(&self) -> Result<Timestamp, StoreError> {
        let mut clock = self.seen.clock.lock().await;
        if let Some((then, at)) = *clock
            && at.elapsed() < CLOCK
        {
            return Ok(then.after(at.elapsed()));
        }
        let now = self.store.now().await?;
        *clock = Some((now, Instant::now()));
        Ok(now)
    }

    /// The workers alive, read now and kept for others. None are kept when the store does not answer.
    pub(crate) async fn read_beats(&self) -> Result<Vec<Beat>, StoreError> {
        let mut kept = self.seen.beats.lock().await;
        *kept = None;
        let beats = self.store.beats().await?;
        *kept = Some((beats.clone(), Instant::now()));
        Ok(beats)
    }

    /// The workers alive, as they were two seconds ago or later.
    pub(crate) async fn beats(&self) -> Result<Vec<Beat>, StoreError> {
        if let Some((beats, at)) = &*self.seen.beats.lock().await
            && at.elapsed() < BEATS
        {
            return Ok(beats.clone());
        }
        self.read_beats().await
    }
}

#[cfg(test)]
mod tests {
    use levqor_platform::testing::TestPlatform;
    use levqor_store::{WorkerId, WorkerInfo};
    use uuid::Uuid;

    use super::*;

    /// What was read so long ago.
    fn ago<T>(reading: T, age: Duration) -> Mutex<Option<(T, Instant)>> {
        Mutex::new(Some((reading, Instant::now() - age)))
    }

    #[tokio::test]
    async fn the_clock_is_carried_on_for_three_seconds_and_then_read_again() {
        let app = TestPlatform::sqlite().await;
        let mut context = Context::of(&app, 1);
        let first = context.about_now().await.unwrap();
        app.clock.advance(Duration::from_hours(1));
        assert!(context.about_now().await.unwrap().since(first) < Duration::from_mins(1));
        context.seen.clock = ago(first, CLOCK);
        assert!(context.about_now().await.unwrap().since(first) >= Duration::from_hours(1));
        context.seen.clock = ago(first, Duration::from_millis(1_500));
        let carried = context.about_now().await.unwrap().since(first);
        assert!(carried >= Duration::from_millis(1_500), "{carried:?}");
    }

    #[tokio::test]
    async fn beats_that_the_rescuer_read_serve_others_for_two_seconds() {
        let app = TestPlatform::sqlite().await;
        let mut context = Context::of(&app, 1);
        assert_eq!(context.read_beats().await.unwrap(), []);
        let info = WorkerInfo {
            name: "late".to_owned(),
            version: "1".to_owned(),
            slots: 1,
        };
        let worker = WorkerId(Uuid::from_u128(1));
        app.store.register_worker(worker, &info).await.unwrap();
        assert_eq!(context.beats().await.unwrap(), []);
        context.seen.beats = ago(Vec::new(), BEATS);
        assert_eq!(context.beats().await.unwrap().len(), 1);
    }
}
