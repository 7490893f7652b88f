//! One run, from its claim until it is parked, ended, given back or not ours any more.
//!
//! ```text
//! load (journal -> machine, inbox) -> loop { advance -> append -> call | park | end }
//! ```
//!
//! Order of effects (PROTOCOL.md, Append): entries that come before a call are committed before the call starts; when
//! there are none, the claim or the previous append is its start record. One write is in flight at a time.

mod attempt;
mod budget;
mod call;
mod fault;
mod live;
mod load;
mod meter;
mod notice;
mod packed;
mod row;

use std::{panic::AssertUnwindSafe, sync::Arc, sync::atomic::Ordering::Relaxed};

use futures::FutureExt;
use levqor_engine::Outcome;
use levqor_store::{ClaimedRun, EndState, WriteFate};
use tracing::Instrument;

use self::{
    fault::{Fault, MOST_DEATHS, MOST_PANICS},
    row::{Row, Unsaved},
};
use crate::{
    held::{HeldRun, HoldGuard},
    shared::Shared,
};

/// How this worker's part in a run was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Parked,
    Ended(EndState),
    /// To be given back to whoever is free.
    Released,
    /// Not ours any more: whatever was under way is forgotten.
    Fenced,
}

impl Ending {
    /// As spans name it.
    fn word(self) -> &'static str {
        match self {
            Self::Parked => "parked",
            Self::Ended(EndState::Completed) => "completed",
            Self::Ended(EndState::Faulted) => "faulted",
            Self::Ended(EndState::Cancelled) => "cancelled",
            Self::Released => "released",
            Self::Fenced => "fenced",
        }
    }
}

/// Runs a claimed run. A panic of the interpreter gives it back; an abort drops it where it stands.
pub(crate) async fn run(shared: Arc<Shared>, claimed: ClaimedRun, hold: HoldGuard) {
    let (id, tenant, epoch, priority) = (claimed.id, claimed.tenant, claimed.epoch, claimed.priority);
    let work = carry(&shared, &claimed, &hold.run).instrument(lines(&claimed));
    let work = AssertUnwindSafe(work).catch_unwind();
    let ending = tokio::select! {
        biased;
        () = shared.signals.abort.cancelled() => return,
        ending = work => ending,
    };
    let ending = ending.unwrap_or_else(|_panic| {
        tracing::error!(run = %id, %tenant, epoch, "the interpreter panicked; the run is released");
        shared.stats.panics.increment();
        shared.panicked(id);
        Ending::Released
    });
    if ending == Ending::Released {
        shared.releases.add(id, epoch, priority);
    }
    drop(hold);
    count(&shared, ending);
}

/// Log lines of a run whose trace is recorded somewhere name it. Of the level that no filter takes away.
fn lines(claimed: &ClaimedRun) -> tracing::Span {
    match claimed.trace.filter(|trace| trace.is_sampled()) {
        Some(context) => tracing::error_span!("traced", trace_id = %context.trace),
        None => tracing::Span::none(),
    }
}

fn count(shared: &Shared, ending: Ending) {
    let counter = match ending {
        Ending::Parked => &shared.stats.parks,
        Ending::Ended(EndState::Completed) => &shared.stats.completed,
        Ending::Ended(EndState::Faulted) => &shared.stats.faulted,
        Ending::Ended(EndState::Cancelled) => &shared.stats.cancelled,
        Ending::Fenced => &shared.stats.fenced,
        // Counted when the store has done it.
        Ending::Released => return,
    };
    counter.increment();
}

async fn carry(shared: &Shared, claimed: &ClaimedRun, held: &HeldRun) -> Ending {
    let mut row = Row::new(shared, held, claimed);
    let went = match condemned(shared, claimed) {
        Some(fault) => Err(fault),
        None => follow(&mut row, claimed).await,
    };
    let ending = match went {
        Ok(ending) => ending,
        Err(fault) => end_faulted(&row, claimed, fault).await,
    };
    record(&row, claimed, ending);
    ending
}

/// The spans of what this worker did, when the run's trace is recorded.
fn record(row: &Row<'_>, claimed: &ClaimedRun, ending: Ending) {
    let Some(spans) = row.traced else { return };
    let tracer = &row.shared.options.tracer;
    let now = row.shared.clock.now();
    tracer.record(spans.held((claimed.now, now), ending.word(), row.workflow_name()));
    if let Ending::Ended(_) = ending {
        let whole = (claimed.created_at, now);
        tracer.record(spans.ended(whole, ending.word(), row.workflow_name()));
    }
}

/// A run that takes its workers down is ended without being executed.
fn condemned(shared: &Shared, claimed: &ClaimedRun) -> Option<Fault> {
    let panics = shared.panics(claimed.id);
    if claimed.deaths >= MOST_DEATHS {
        Some(Fault::deaths(claimed.deaths))
    } else if panics >= MOST_PANICS {
        Some(Fault::panics(panics))
    } else {
        None
    }
}

async fn follow(row: &mut Row<'_>, claimed: &ClaimedRun) -> Result<Ending, Fault> {
    let machine = load::machine(row, claimed).await?;
    live::Live::new(row, machine, &claimed.inbox)?.drive().await
}

/// Ends the run with the fault. What its inbox says no longer matters, but the end still names the last row (P8).
async fn end_faulted(row: &Row<'_>, claimed: &ClaimedRun, fault: Fault) -> Ending {
    tracing::warn!(run = %row.id, epoch = row.epoch, why = fault.title(), "the run cannot go on");
    let last = claimed.inbox.last().map_or(0, |row| row.n);
    row.held.folded.fetch_max(last, Relaxed);
    let outcome = Outcome::Faulted(fault.into_error(row.dsl()));
    loop {
        match row.end(Unsaved::default(), &outcome).await {
            Ok(WriteFate::Committed) => return Ending::Ended(EndState::Faulted),
            Ok(WriteFate::Fenced) => return Ending::Fenced,
            Ok(WriteFate::InboxMoved(rows)) => {
                let last = rows.last().map_or(0, |row| row.n);
                row.held.folded.fetch_max(last, Relaxed);
            }
            Err(fault) => {
                let (run, tenant, workflow) = (row.id, row.tenant, row.workflow_name());
                tracing::error!(%run, %tenant, workflow, why = fault.title(), "the run cannot even be ended");
                row.shared.panicked(row.id);
                return Ending::Released;
            }
        }
    }
}
