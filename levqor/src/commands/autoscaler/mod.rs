//! `levqor autoscaler`: the scaling rule, tried on traces.

mod plot;
mod simulate;

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The scaling rule.
#[derive(Subcommand, Debug)]
pub(crate) enum AutoscalerCommand {
    /// Play traces of a fleet under the scaling rule, backlog rules, a CPU rule and a schedule that knows the future
    Simulate(SimulateArgs),
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

/// Runs it.
pub(crate) fn autoscaler(command: &AutoscalerCommand) -> anyhow::Result<()> {
    let AutoscalerCommand::Simulate(arguments) = command;
    simulate::simulate(arguments)
}
