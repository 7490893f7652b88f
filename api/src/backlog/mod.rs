//! How much waits for a worker, and what is refused because of it. Load beyond what workers can do would else grow the backlog
//! without an end, and with it the time until an accepted run starts.
//!
//! What is known of a priority is what the last look at the database said and what this process has accepted since. A look is
//! made beside the requests, and only while there are some: an admission reads a few numbers and waits for nothing.

mod lane;
mod looks;
mod shares;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use levqor_queue::{PRIORITIES, place};
use levqor_store::TenantId;

use self::{
    lane::{Bounds, Lane},
    looks::Looker,
};
use crate::{
    clock::ProcessClock,
    error::{Code, Problem},
    intake::priority_name,
    observer::Observer,
    options::ApiOptions,
};

pub(crate) use lane::Place;
pub(crate) use looks::Looks;

/// How long a batch waits for room, and how often it looks whether there is some: callers that send one after the other are
/// slowed, not refused.
const HOLD: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_millis(25);
const TURNS: u128 = HOLD.as_millis() / TURN.as_millis();

/// The priority for bulk.
const LOW: i16 = 2;

/// How a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Single,
    Batch,
}

/// The backlog as this process knows it.
pub(crate) struct Backlog {
    lanes: [Arc<Lane>; PRIORITIES],
    looker: Arc<Looker>,
}

impl Backlog {
    pub(crate) fn new(
        looks: Arc<dyn Looks>,
        clock: Arc<dyn ProcessClock>,
        observer: Arc<dyn Observer>,
        options: &ApiOptions,
    ) -> Self {
        let lane = |priority| Arc::new(Lane::new(priority, Bounds::new(priority, options)));
        Self {
            lanes: [0, 1, LOW].map(lane),
            looker: Arc::new(Looker {
                looks,
                clock,
                observer,
            }),
        }
    }

    /// Room for a run that is sent by itself and may start now.
    ///
    /// # Errors
    /// The backlog of its priority is full.
    pub(crate) fn admit(&self, tenant: TenantId, priority: i16) -> Result<Place<'_>, Problem> {
        let lane = self.lane(priority);
        let now = self.looker.clock.elapsed();
        self.look(lane, now);
        if lane.admits(tenant, Kind::Single, now) {
            return Ok(lane.place(tenant, Kind::Single, 1));
        }
        self.refuse(lane, 1, now);
        Err(full(lane))
    }

    /// Room for a batch of so many runs of each priority that may start now; waits a second for it.
    ///
    /// # Errors
    /// The backlog of one of the priorities is full.
    pub(crate) async fn admit_many(
        &self,
        tenant: TenantId,
        runs: [u64; PRIORITIES],
    ) -> Result<Vec<Place<'_>>, Problem> {
        for _ in 0..TURNS {
            if self.crowded(tenant, runs).is_none() {
                return Ok(self.places(tenant, runs));
            }
            tokio::time::sleep(TURN).await;
        }
        match self.crowded(tenant, runs) {
            None => Ok(self.places(tenant, runs)),
            Some(lane) => {
                self.tell(runs);
                Err(full(lane))
            }
        }
    }

    /// A run was committed and waits for a worker.
    pub(crate) fn accepted(&self, priority: i16) {
        self.lane(priority).accepted();
    }

    /// The first priority that has no room for its runs.
    fn crowded(&self, tenant: TenantId, runs: [u64; PRIORITIES]) -> Option<&Lane> {
        let now = self.looker.clock.elapsed();
        let of_some = self.lanes.iter().zip(runs).filter(|(_, runs)| *runs > 0);
        let mut lanes = of_some.map(|(lane, _)| lane);
        let crowded = lanes.find(|lane| {
            self.look(lane, now);
            !lane.admits(tenant, Kind::Batch, now)
        });
        crowded.map(Arc::as_ref)
    }

    fn places(&self, tenant: TenantId, runs: [u64; PRIORITIES]) -> Vec<Place<'_>> {
        let of_some = self.lanes.iter().zip(runs).filter(|(_, runs)| *runs > 0);
        of_some
            .map(|(lane, runs)| lane.place(tenant, Kind::Batch, runs))
            .collect()
    }

    fn tell(&self, runs: [u64; PRIORITIES]) {
        let now = self.looker.clock.elapsed();
        for (lane, runs) in self.lanes.iter().zip(runs).filter(|(_, runs)| *runs > 0) {
            self.refuse(lane, runs, now);
        }
    }

    fn lane(&self, priority: i16) -> &Arc<Lane> {
        &self.lanes[place(priority)]
    }

    /// Sees to it that somebody looks when it is time.
    fn look(&self, lane: &Arc<Lane>, now: Duration) {
        if lane.is_due(now) {
            self.look_after(lane, Duration::ZERO);
        }
    }

    /// Somebody is refused and will come again: looks go on until then.
    fn refuse(&self, lane: &Arc<Lane>, runs: u64, now: Duration) {
        self.looker.observer.shed(priority_name(lane.priority()), runs);
        lane.refused(now);
        self.look_after(lane, lane.pause());
    }

    fn look_after(&self, lane: &Arc<Lane>, pause: Duration) {
        if lane.begin_looks() {
            tokio::spawn(looks::looks(Arc::clone(lane), Arc::clone(&self.looker), pause));
        }
    }
}

fn full(lane: &Lane) -> Problem {
    let name = priority_name(lane.priority());
    let bulk = if name == "low" {
        ""
    } else {
        ", or send bulk with the priority `low`"
    };
    let detail = format!(
        "The backlog of runs of the priority `{name}` is full and nothing was started. Repeat the request after Retry-After \
         with the same idempotency key{bulk}."
    );
    Problem::new(Code::Overloaded, detail).retry_after(1)
}
