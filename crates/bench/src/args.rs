//! The arguments of `levqor bench`.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use crate::{Installation, Peer, Scenario, load::BATCH};

/// What to measure.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// Measure only one installation
    #[arg(long)]
    pub only: Option<Installation>,
    /// Runs in a round of batches; the other loads are derived from it [with --all at least 200000]
    #[arg(long, default_value_t = 20_000)]
    pub runs: usize,
    /// Rounds; medians are printed [default: 3, with --all 5]
    #[arg(long)]
    pub rounds: Option<usize>,
    /// Measure these instead of the four short ones
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "all")]
    pub scenario: Vec<Scenario>,
    /// Measure everything: takes more than an hour
    #[arg(long)]
    pub all: bool,
    /// Multiplies the durations and amounts of the long scenarios, to try them
    #[arg(long, default_value_t = 1.0)]
    pub scale: f64,
    /// Measure these peers in turn with our rounds; needs node and npm, which fetches them
    #[arg(long, value_name = "PEER,…", value_delimiter = ',')]
    pub against: Vec<Peer>,
    /// Write a report with plots to this file
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl BenchArgs {
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.scale > 0.0 && self.scale.is_finite(),
            "--scale takes a number above 0"
        );
        anyhow::ensure!(self.runs >= 1_000, "--runs takes 1000 or more");
        anyhow::ensure!(
            self.against.is_empty() || self.only != Some(Installation::Embedded),
            "peers are measured beside postgres-redis: leave --only embedded out"
        );
        Ok(())
    }

    /// What was asked for, in the order of measurement.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        let wanted = |scenario: &Scenario| match (self.all, self.scenario.is_empty()) {
            (true, _) => true,
            (false, true) => scenario.is_short(),
            (false, false) => self.scenario.contains(scenario),
        };
        Scenario::ALL.into_iter().filter(wanted).collect()
    }

    pub(crate) fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.all { 5 } else { 3 }).max(1)
    }

    /// A multiple of what two batches hold.
    pub(crate) fn runs(&self) -> usize {
        let runs = if self.all {
            self.runs.max(200_000)
        } else {
            self.runs
        };
        runs.next_multiple_of(2 * BATCH)
    }

    /// A duration of a long scenario.
    pub(crate) fn lasting(&self, full: Duration) -> Duration {
        full.mul_f64(self.scale)
    }

    /// An amount of a long scenario.
    pub(crate) fn amount(&self, full: usize) -> usize {
        ((full as f64 * self.scale) as usize).max(1_000)
    }
}
