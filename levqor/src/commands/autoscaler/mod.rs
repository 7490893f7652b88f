//! `levqor autoscaler`: the scaling rule, tried on traces, and its decisions made again.

mod plot;
mod simulate;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use crate::config::Config;

/// The scaling rule.
#[derive(Subcommand, Debug)]
pub(crate) enum AutoscalerCommand {
    /// Play traces of a fleet under the scaling rule, backlog rules, a CPU rule and a schedule that knows the future
    Simulate(SimulateArgs),
    /// Make every decision that is kept again from its inputs, and name each that differs; exit code 1 when there is one
    Verify {
        /// Print a JSON line for each that differs and one with the totals
        #[arg(long)]
        json: bool,
    },
}

/// What to play.
#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// Traces, JSON as docs/autoscaling.md describes; without any, the six that come with levqor
    traces: Vec<PathBuf>,
    /// Print one JSON object, `{trace: {profit, backlog, cpu, optimum}}`, costs in minor units
    #[arg(long)]
    json: bool,
    /// Search minutes for a better schedule that knows the future, also where a trace brings one along
    #[arg(long)]
    search: bool,
}

/// Runs it. Only what reads decisions needs the configuration.
pub(crate) async fn autoscaler(
    load: impl FnOnce() -> anyhow::Result<Config>,
    command: &AutoscalerCommand,
) -> anyhow::Result<ExitCode> {
    match command {
        AutoscalerCommand::Simulate(arguments) => simulate::simulate(arguments).map(|()| ExitCode::SUCCESS),
        AutoscalerCommand::Verify { json } => verify::verify(&load()?, *json).await,
    }
}
