//! The `levqor` binary: command line, configuration, wiring of roles.

// First: its macros are for all that follows.
#[macro_use]
mod output;

mod cli;
mod commands;
mod config;
mod shutdown;
mod system;
mod wiring;

use std::{env, io, process::ExitCode, thread};

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use cli::{AuditCommand, Cli, Command, KeyCommand};
use config::{Config, Database, Size};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Command::ExpressionHelper) {
        // No runtime, no logs: this process only evaluates.
        return levqor_expressions::helper_main();
    }
    match runtime()
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

/// Half the cores run tasks: the database, the queue and the other roles need theirs, and a task that moves from thread to thread
/// costs a run more time than it waits for a busy one. `TOKIO_WORKER_THREADS` says otherwise.
fn runtime() -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        builder.worker_threads(cores.div_ceil(2));
    }
    builder.enable_all().build()
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let load = |size| Config::load(&cli.settings, cli.config.as_deref(), size);
    match &cli.command {
        Command::Up { json } => commands::up::up(load(Size::Embedded)?, *json).await?,
        Command::Demo(arguments) => commands::demo::demo(load(Size::Embedded)?, arguments).await?,
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
        Command::Migrate => commands::migrate::migrate(&load(Size::Schema)?).await?,
        Command::Config => commands::config::show(&load(Size::Fleet).or_else(|_| load(Size::Embedded))?),
        Command::Doctor(arguments) => return commands::doctor::doctor(smallest(load), arguments).await,
        Command::Probe(arguments) => {
            return commands::probe::probe(|| load(Size::Embedded), arguments).await;
        }
        Command::Key(KeyCommand::Create { tenant, name, plan }) => {
            commands::key::create(&load(Size::Fleet)?, tenant, name, plan).await?;
        }
        Command::Audit(AuditCommand::Verify(arguments)) => {
            return commands::audit::verify_chains(&load(Size::Embedded)?, arguments).await;
        }
        Command::Audit(AuditCommand::Checkpoint) => {
            commands::audit::print_checkpoint(&load(Size::Embedded)?).await?;
        }
        Command::Dsar(command) => return commands::dsar::dsar(command),
        Command::Billing(command) => commands::billing::billing(&smallest(load)?, command).await?,
        Command::Retention(command) => return commands::retention::retention(smallest(load)?, command).await,
        Command::Autoscaler(command) => {
            return commands::autoscaler::autoscaler(|| smallest(load), command).await;
        }
        Command::Status(command) => commands::status::status(smallest(load)?, command).await?,
        Command::Activities => commands::activities::list()?,
        Command::Bench(arguments) => commands::bench::bench(arguments).await?,
        Command::Verify(arguments) => return Ok(commands::verify::verify(arguments).await),
        Command::Reference { folder, check } => return commands::reference::reference(folder, *check),
        Command::ExpressionHelper => return Ok(levqor_expressions::helper_main()),
    }
    Ok(ExitCode::SUCCESS)
}

/// A database server makes it a fleet, which needs more than the embedded size.
fn smallest(load: impl Fn(Size) -> anyhow::Result<Config>) -> anyhow::Result<Config> {
    let config = load(Size::Embedded)?;
    match config.database {
        Database::Sqlite(_) => Ok(config),
        Database::Postgres(_) => load(Size::Fleet),
    }
}
