//! What can be measured, one scenario a file. Each has servers of its own, so that none sees what another left behind.

mod cost;
mod finished;
mod flush;
mod idle;
mod loaded;
mod overload;
mod pending;
mod ratio;
mod rounds;
mod second_worker;
mod steady;

use clap::ValueEnum;

pub(crate) use rounds::{PACE, mebibytes, per_10k};

use crate::{
    context::{Context, Installation},
    peer::{Found, Peer},
    record::Record,
    target::Servers,
};

/// A scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// No-op runs in batches, with the processor time they take; memory after it
    NoopBatch,
    /// No-op runs, 32 clients, one request each
    NoopSingle,
    /// Runs of three steps
    Wf3,
    /// Start latency at 50 runs a second
    Start,
    /// Batches for ten minutes, by windows of ten seconds
    Steady,
    /// Start latency at 70 % of the largest rate
    Loaded,
    /// WAL, commits and dead tuples per run
    Cost,
    /// 100,000 ready runs after FLUSHALL
    Readvertise,
    /// Rates with 10 million finished runs in the database
    Finished,
    /// Rates with 1 million pending runs, and what Redis holds
    Pending,
    /// Processor time and queries while there is nothing to do
    Idle,
    /// Rates with a second worker process
    SecondWorker,
    /// Twice the capacity for ten minutes
    Overload,
}

impl Scenario {
    /// All, in the order of measurement.
    pub(crate) const ALL: [Self; 13] = [
        Self::NoopBatch,
        Self::NoopSingle,
        Self::Wf3,
        Self::Start,
        Self::Steady,
        Self::Loaded,
        Self::Cost,
        Self::Readvertise,
        Self::Finished,
        Self::Pending,
        Self::Idle,
        Self::SecondWorker,
        Self::Overload,
    ];

    /// Measured in rounds with the others of this kind, in turn with peers.
    pub(crate) fn is_short(self) -> bool {
        matches!(self, Self::NoopBatch | Self::NoopSingle | Self::Wf3 | Self::Start)
    }

    /// Needs processes apart, Postgres or Redis.
    fn is_fleets(self) -> bool {
        matches!(
            self,
            Self::Cost | Self::Readvertise | Self::Finished | Self::Pending | Self::SecondWorker
        )
    }
}

/// One installation's figures, and those of the peers measured beside it.
pub(crate) struct Measured {
    pub(crate) own: Record,
    /// A record, or why there is none.
    pub(crate) peers: Vec<(Peer, Result<Record, String>)>,
}

/// Measures all that is asked for of an installation.
pub(crate) async fn all(context: &Context<'_>) -> anyhow::Result<Measured> {
    let wanted = context.arguments.scenarios();
    let mut record = Record::default();
    let short: Vec<_> = wanted.iter().copied().filter(|one| one.is_short()).collect();
    let mut peers = Vec::new();
    if !short.is_empty() {
        if context.installation == Installation::PostgresRedis {
            peers = Found::all(context).await;
        }
        rounds::measure(context, &short, &mut record, &mut peers).await?;
    }
    if record.settings.is_empty() && context.installation == Installation::PostgresRedis {
        record.settings = Servers::start().await?.settings().await?;
    }
    for scenario in wanted {
        if scenario.is_fleets() && context.installation == Installation::Embedded {
            continue;
        }
        one(context, scenario, &mut record).await?;
    }
    let peers = peers.into_iter().map(Found::over).collect();
    Ok(Measured { own: record, peers })
}

async fn one(context: &Context<'_>, scenario: Scenario, record: &mut Record) -> anyhow::Result<()> {
    match scenario {
        Scenario::NoopBatch | Scenario::NoopSingle | Scenario::Wf3 | Scenario::Start => Ok(()),
        Scenario::Steady => steady::measure(context, record).await,
        Scenario::Loaded => loaded::measure(context, record).await,
        Scenario::Cost => cost::measure(context, record).await,
        Scenario::Readvertise => flush::measure(context, record).await,
        Scenario::Finished => finished::measure(context, record).await,
        Scenario::Pending => pending::measure(context, record).await,
        Scenario::Idle => idle::measure(context, record).await,
        Scenario::SecondWorker => second_worker::measure(context, record).await,
        Scenario::Overload => overload::measure(context, record).await,
    }
}
