//! Does what is planned to an installation, and says when.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{sleep, sleep_until},
};

use crate::{
    faults::Fault,
    installation::{Begun, Installation},
};

/// What became of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is about to be done.
    Begin,
    /// It has been undone; what was killed is ready again.
    End,
    /// It was not done, or had no effect; why. Comes after a [`Phase::Begin`].
    Skipped(String),
}

/// What the nemesis did.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, on the machine's monotonic clock.
    pub at: Instant,
    /// The fault.
    pub fault: Fault,
    /// What became of it.
    pub phase: Phase,
}

/// Does the faults of a plan at their offsets from now and undoes them, until all are over. A fault waits while another about
/// the same part is not over yet, as when a process takes long to come back.
///
/// An error is something that could not be done or undone, such as a database that does not start again. What is under way is
/// then left as it is: see [`Installation::heal`].
pub async fn play(
    plan: &[(Duration, Fault)],
    installation: &Installation,
    events: &UnboundedSender<Event>,
) -> Result<()> {
    let begin = tokio::time::Instant::now();
    let mut under_way = UnderWay::default();
    for (at, fault) in plan {
        let fault = installation.fit(*fault);
        under_way.until(begin + *at).await?;
        under_way.make_way_for(&fault).await?;
        under_way.faults.push(fault);
        under_way.ends.push(one(fault, installation, events).boxed());
    }
    while under_way.next().await? {}
    Ok(())
}

/// Faults that are not over.
#[derive(Default)]
struct UnderWay<'a> {
    faults: Vec<Fault>,
    ends: FuturesUnordered<BoxFuture<'a, Result<Fault>>>,
}

impl UnderWay<'_> {
    /// Goes on with them until `due`.
    async fn until(&mut self, due: tokio::time::Instant) -> Result<()> {
        let mut due = std::pin::pin!(sleep_until(due));
        loop {
            tokio::select! {
                () = &mut due => return Ok(()),
                Some(over) = self.ends.next() => self.over(&over?),
            }
        }
    }

    /// Goes on until none is about a part that `fault` is about.
    async fn make_way_for(&mut self, fault: &Fault) -> Result<()> {
        while !self.faults.iter().all(|other| other.goes_with(fault)) {
            self.next().await?;
        }
        Ok(())
    }

    /// Goes on until one is over; false when there is none.
    async fn next(&mut self) -> Result<bool> {
        let Some(over) = self.ends.next().await else {
            return Ok(false);
        };
        self.over(&over?);
        Ok(true)
    }

    fn over(&mut self, fault: &Fault) {
        if let Some(at) = self.faults.iter().position(|other| other == fault) {
            self.faults.swap_remove(at);
        }
    }
}

/// One fault from its begin to its end.
async fn one(fault: Fault, installation: &Installation, events: &UnboundedSender<Event>) -> Result<Fault> {
    let tell = |phase| {
        let at = Instant::now();
        // Nobody listens any more: then nobody needs to be told.
        let _told = events.send(Event { at, fault, phase });
    };
    tell(Phase::Begin);
    let begun = installation.begin(&fault).await;
    if let Begun::Skipped(reason) = begun.with_context(|| format!("{fault} could not be done"))? {
        tell(Phase::Skipped(reason));
        return Ok(fault);
    }
    sleep(fault.lasts).await;
    let ended = installation.end(&fault).await;
    ended.with_context(|| format!("{fault} could not be undone"))?;
    tell(Phase::End);
    Ok(fault)
}
