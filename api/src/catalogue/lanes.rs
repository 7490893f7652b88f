//! Checks that may take long, kept off the threads that serve requests and apart by tenant. A validator cannot be
//! interrupted; what bounds it are the document's limits (`SCHEMA_VALUES`, `SCHEMA_PATTERNS`) and the payload's.

use std::{sync::Arc, time::Duration};

use levqor_store::TenantId;
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

use crate::error::{Code, Problem};

/// Lanes; in each, one check runs at a time. A tenant's are all in one lane.
const LANES: usize = 8;

/// Longest time of a check, its wait for the lane included.
const LIMIT: Duration = Duration::from_secs(2);

pub(crate) struct Lanes([Arc<Semaphore>; LANES]);

impl Lanes {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Arc::new(Semaphore::new(1))))
    }

    /// Runs `work` on a thread of its own. When it takes longer than the limit, it keeps its lane until it ends.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        tenant: TenantId,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let too_long = |_| {
            let detail = format!(
                "Checking the payload took longer than {} seconds; a smaller payload or schema takes less.",
                LIMIT.as_secs()
            );
            Problem::new(Code::Overloaded, detail).retry_after(1)
        };
        let lane = &self.0[usize::from(tenant.0.as_bytes()[15]) % LANES];
        timeout(LIMIT, alone(Arc::clone(lane), work))
            .await
            .map_err(too_long)?
    }
}

async fn alone<T: Send + 'static>(
    lane: Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let failed = || Problem::new(Code::Internal, "The payload could not be checked.");
    let turn = lane.acquire_owned().await.map_err(|_| failed())?;
    let (sender, receiver) = oneshot::channel();
    // Not a thread of the runtime: that waits for all of its own when the process ends.
    let thread = std::thread::Builder::new().name("check".into()).spawn(move || {
        let _gone = sender.send(work());
        drop(turn);
    });
    thread.map_err(|_| failed())?;
    receiver.await.map_err(|_| failed())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use uuid::Uuid;

    use super::*;

    fn tenant(last: u128) -> TenantId {
        TenantId(Uuid::from_u128(last))
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_without_end_costs_its_own_lane_only() {
        let lanes = Lanes::new();
        let (end, ended) = mpsc::channel::<()>();
        let endless = lanes.run(tenant(1), move || ended.recv().is_ok()).await;
        assert_eq!(endless.unwrap_err().code(), Code::Overloaded);
        assert_eq!(
            lanes.run(tenant(1), || ()).await.unwrap_err().code(),
            Code::Overloaded
        );
        tokio::time::resume();
        assert_eq!(lanes.run(tenant(2), || 7).await.unwrap(), 7);
        end.send(()).unwrap();
        assert_eq!(lanes.run(tenant(1), || 8).await.unwrap(), 8);
    }

    #[tokio::test]
    async fn a_check_that_panics_gives_its_lane_back() {
        let lanes = Lanes::new();
        let panicked = lanes.run(tenant(1), || panic!("no")).await;
        assert_eq!(panicked.map(|()| 0).unwrap_err().code(), Code::Internal);
        assert_eq!(lanes.run(tenant(1), || 9).await.unwrap(), 9);
    }
}
