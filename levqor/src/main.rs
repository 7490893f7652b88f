//! The `levqor` binary: command line, configuration, wiring of roles.

mod cli;
mod commands;
mod config;
mod shutdown;
mod system;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, KeyCommand};
use config::{Config, Size};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ExpressionHelper) {
        // No runtime, no logs: this process only evaluates.
        return levqor_expressions::helper_main();
    }
    match tokio::runtime::Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(cli)))
    {
        Ok(code) => code,
        Err(error) => {
            eprintln!("levqor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let load = |size| Config::load(&cli.settings, cli.config.as_deref(), size);
    match &cli.command {
        Command::Up { json } => commands::up::up(load(Size::Embedded)?, *json).await?,
        Command::Run {
            document,
            input,
            limit,
            quiet,
        } => {
            let arguments = commands::run::Arguments {
                document,
                input,
                limit: *limit,
                quiet: *quiet,
            };
            return commands::run::run(load(Size::Embedded)?, arguments).await;
        }
        Command::Validate { documents, json } => return commands::validate::validate(documents, *json),
        Command::Api => commands::roles::api(load(Size::Fleet)?).await?,
        Command::Worker => return commands::roles::worker(load(Size::Fleet)?).await,
        Command::Scheduler => commands::roles::scheduler(load(Size::Fleet)?).await?,
        Command::Migrate => commands::migrate::migrate(&load(Size::Fleet)?).await?,
        Command::Config => commands::config::show(&load(Size::Fleet).or_else(|_| load(Size::Embedded))?),
        Command::Key(KeyCommand::Create { tenant, name, plan }) => {
            commands::key::create(&load(Size::Fleet)?, tenant, name, plan).await?;
        }
        Command::Activities => commands::activities::list()?,
        Command::Bench(arguments) => commands::bench::bench(arguments).await?,
        Command::Reference { folder, check } => return commands::reference::reference(folder, *check),
        Command::ExpressionHelper => return Ok(levqor_expressions::helper_main()),
    }
    Ok(ExitCode::SUCCESS)
}
