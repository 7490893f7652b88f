//! A verification from its first request to its verdicts.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::interval,
};

use crate::{
    checkers::{self, Verdict},
    faults::{self, Fault, Kind},
    history::{Capacity, FaultPlayed, History, Outcome},
    installation::Installation,
    nemesis::{self, Event, Phase},
    stopwatch::Stopwatch,
    workload::{Load, Workload},
};

/// How long the installation may take to be whole again after the last fault.
const HEAL: Duration = Duration::from_mins(2);

/// How long runs may take to end after that.
const DRAIN: Duration = Duration::from_mins(5);

/// How often progress is told.
const TELL: Duration = Duration::from_secs(10);

/// What to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Decides what clients choose and which faults come when.
    pub seed: u64,
    /// How long load and faults last.
    pub duration: Duration,
    /// Runs asked for each second.
    pub rate: u32,
    /// Kinds of faults; those that make no sense here are reported as such.
    pub faults: Vec<Kind>,
    /// API keys, each of another tenant.
    pub keys: Vec<String>,
    /// Where the effect server listens; port 0 takes a free one.
    pub effects: SocketAddr,
    /// Namespace of the documents, new for each verification.
    pub namespace: String,
    /// Workers there are, and their slots.
    pub capacity: Capacity,
    /// The installation is not ours: others may disturb it.
    pub foreign: bool,
    /// This machine's wall clock, in microseconds since 1970.
    pub wall: fn() -> i64,
}

/// A fault and when it is to begin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned {
    /// Milliseconds after the load began.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What a verification came to.
#[derive(Debug)]
pub struct Verified {
    /// The faults as planned.
    pub plan: Vec<Planned>,
    /// What was seen.
    pub history: History,
    /// What is to be said of it.
    pub verdicts: Vec<Verdict>,
    /// Kinds wanted that make no sense for this installation.
    pub impossible: Vec<Kind>,
    /// Why runs called nothing outside, when they did not.
    pub unreachable: Option<String>,
    /// Processes that ended though nobody asked them to.
    pub exits: Vec<String>,
}

/// Gets lines of progress.
pub type Tell<'a> = &'a (dyn Fn(String) + Sync);

/// Runs it. An error: it could not be run to its end, which is no verdict.
pub async fn verify(
    installation: &Installation,
    options: &Options,
    tell: Tell<'_>,
) -> anyhow::Result<Verified> {
    let clock = Stopwatch::start();
    let load = Load {
        seed: options.seed,
        rate: options.rate,
        capacity: options.capacity,
        wall: options.wall,
        clock,
    };
    let target = (installation.apis().to_vec(), options.keys.clone());
    let mut workload = Workload::prepare(target, &options.namespace, options.effects, load).await?;
    let unreachable = workload.unreachable().map(str::to_owned);
    if let Some(why) = &unreachable {
        tell(format!(
            "runs call nothing outside, so what calls would show is not checked: {why}"
        ));
    }
    let kinds = installation.kinds();
    let (possible, impossible): (Vec<Kind>, Vec<Kind>) =
        options.faults.iter().partition(|kind| kinds.contains(kind));
    let plan = faults::plan(options.seed, &possible, options.duration);
    let faults = under_load(
        installation,
        &mut workload,
        &plan,
        options.duration,
        (clock, tell),
    )
    .await?;
    tell("the last fault is over; waiting until all is whole again".to_owned());
    let healed = installation.heal(HEAL).await;
    healed.context("the installation does not come back")?;
    let mut history = workload.finish(DRAIN, tell).await?;
    (history.faults, history.foreign) = (faults, options.foreign);
    Ok(Verified {
        plan: planned(&plan),
        verdicts: checkers::check(&history),
        history,
        impossible,
        unreachable,
        exits: installation.exits(),
    })
}

/// Load and nemesis side by side; what the nemesis did.
async fn under_load(
    installation: &Installation,
    workload: &mut Workload,
    plan: &[(Duration, Fault)],
    duration: Duration,
    (clock, tell): (Stopwatch, Tell<'_>),
) -> anyhow::Result<Vec<FaultPlayed>> {
    let (events, told) = unbounded_channel();
    let progress = workload.progress();
    let busy = async {
        let harm = nemesis::play(plan, installation, &events);
        let (done, ()) = tokio::join!(harm, workload.run(duration));
        // Ends the listening.
        drop(events);
        done.context("the nemesis could not do or undo a fault")
    };
    let (faults, done) = tokio::join!(played(told, clock, tell, &progress), busy);
    done.map(|()| faults)
}

/// Puts begins and ends together until the nemesis is done.
async fn played(
    mut told: UnboundedReceiver<Event>,
    clock: Stopwatch,
    tell: Tell<'_>,
    progress: &(dyn Fn() -> (usize, usize) + Send + Sync),
) -> Vec<FaultPlayed> {
    let mut faults = Vec::new();
    let mut pace = interval(TELL);
    loop {
        tokio::select! {
            event = told.recv() => match event {
                Some(event) => note(&mut faults, &event, clock, tell),
                None => return faults,
            },
            _ = pace.tick() => {
                let (accepted, open) = progress();
                tell(format!("{:>4} s: {accepted} runs accepted, {open} requests open", clock.micros() / 1_000_000));
            }
        }
    }
}

fn note(faults: &mut Vec<FaultPlayed>, event: &Event, clock: Stopwatch, tell: Tell<'_>) {
    let (at, name) = (clock.of(event.at), event.fault.to_string());
    let open = faults
        .iter_mut()
        .rev()
        .find(|played| played.fault == name && played.end == u64::MAX);
    match (&event.phase, open) {
        (Phase::Begin, _) => {
            tell(format!("{:>4} s: {name}", at / 1_000_000));
            faults.push(FaultPlayed {
                kind: event.fault.kind.to_string(),
                fault: name,
                begin: at,
                end: u64::MAX,
                outcome: Outcome::Played,
                reason: None,
                moves_clock: matches!(event.fault.kind, Kind::ClockForward | Kind::ClockBack),
            });
        }
        (Phase::End, Some(played)) => played.end = at,
        (Phase::Skipped(reason), Some(played)) => {
            tell(format!("{:>4} s: {name} is skipped: {reason}", at / 1_000_000));
            (played.end, played.outcome) = (at, Outcome::Skipped);
            played.reason = Some(reason.clone());
        }
        (_, None) => {}
    }
}

fn planned(plan: &[(Duration, Fault)]) -> Vec<Planned> {
    let planned = |(at, fault): &(Duration, Fault)| Planned {
        at_ms: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
        fault: *fault,
    };
    plan.iter().map(planned).collect()
}
