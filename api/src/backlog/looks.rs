//! Looking at the database, beside the requests.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use levqor_store::{Db, StoreError, WaitingRuns};

use super::lane::Lane;
use crate::{clock::ProcessClock, intake::priority_name, observer::Observer};

/// A look that takes longer has failed.
const LOOK: Duration = Duration::from_secs(30);

/// What a look asks.
#[async_trait]
pub(crate) trait Looks: Send + Sync {
    /// Whether any worker is alive.
    async fn any_worker(&self) -> Result<bool, StoreError>;

    /// Runs of a priority that wait for a worker, by tenant; of more than `most` runs the newest.
    async fn waiting(&self, priority: i16, most: i64) -> Result<Vec<WaitingRuns>, StoreError>;
}

#[async_trait]
impl Looks for Db {
    async fn any_worker(&self) -> Result<bool, StoreError> {
        Self::any_worker(self).await
    }

    async fn waiting(&self, priority: i16, most: i64) -> Result<Vec<WaitingRuns>, StoreError> {
        Self::waiting(self, priority, most).await
    }
}

/// Who looks.
pub(super) struct Looker {
    pub(super) looks: Arc<dyn Looks>,
    pub(super) clock: Arc<dyn ProcessClock>,
    pub(super) observer: Arc<dyn Observer>,
}

/// Looks when `pause` is over, and again as long as somebody is about to come again to a full backlog.
pub(super) async fn looks(lane: Arc<Lane>, looker: Arc<Looker>, mut pause: Duration) {
    let awaited = || lane.is_awaited(looker.clock.elapsed());
    loop {
        tokio::time::sleep(pause).await;
        look(&lane, &looker).await;
        lane.tried(looker.clock.elapsed());
        if !awaited() {
            return lane.end_looks();
        }
        pause = lane.pause();
    }
}

/// Looks once. What fails leaves the lane as it was.
async fn look(lane: &Lane, looker: &Looker) {
    let mark = lane.mark();
    match tokio::time::timeout(LOOK, ask(lane, looker.looks.as_ref())).await {
        Ok(Ok((workers, held))) => {
            let waiting = lane.saw(workers, &held, mark, looker.clock.elapsed());
            looker.observer.backlog(priority_name(lane.priority()), waiting);
        }
        Ok(Err(error)) => tracing::debug!(%error, "no look at the backlog"),
        Err(_) => tracing::debug!("the look at the backlog took too long"),
    }
}

async fn ask(lane: &Lane, looks: &dyn Looks) -> Result<(bool, Vec<WaitingRuns>), StoreError> {
    let workers = looks.any_worker().await?;
    let held = looks.waiting(lane.priority(), lane.most(workers)).await?;
    Ok((workers, held))
}
