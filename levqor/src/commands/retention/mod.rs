//! `levqor retention`: sweeps by hand, and the check of what they certified.

mod preview;
mod sweep;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::{config::Config, wiring};

/// Deletion of what has outlived its retention.
#[derive(Subcommand, Debug)]
pub(crate) enum RetentionCommand {
    /// Delete now what the next sweep at 03:00 UTC would delete, and certify it; exit code 1 when something was left
    Sweep(SweepArgs),
    /// Check every certificate: signature, chain, counts; exit code 1 when one is wrong
    Verify {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// How to sweep.
#[derive(Args, Debug)]
pub(crate) struct SweepArgs {
    /// Only say what would go: counts, oldest, newest and some ids of each rule
    #[arg(long)]
    dry_run: bool,
    /// Without pauses: quicker, and others wait longer
    #[arg(long)]
    fast: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Does what was asked for.
pub(crate) async fn retention(config: Config, command: &RetentionCommand) -> anyhow::Result<ExitCode> {
    let _lines = wiring::logs(&config)?;
    let good = match command {
        RetentionCommand::Sweep(SweepArgs {
            dry_run: true, json, ..
        }) => preview::preview(&config, *json).await?,
        RetentionCommand::Sweep(arguments) => sweep::sweep(config, arguments.fast, arguments.json).await?,
        RetentionCommand::Verify { json } => verify::verify(&config, *json).await?,
    };
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
