//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Settings;

/// Durable workflows: documents in, journaled steps, nothing accepted is lost.
#[derive(Parser, Debug)]
#[command(name = "levqor", version, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// File of settings in TOML; `levqor.toml` is read when it exists
    #[arg(long, global = true, value_name = "FILE", env = "LEVQOR_CONFIG")]
    pub(crate) config: Option<String>,

    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Run everything in this process on an embedded database: API, worker, scheduler
    Up {
        /// Print one JSON line with `url` and `api_key` when ready, and nothing else
        #[arg(long)]
        json: bool,
    },
    /// Play a month of dunning, a data request and a consent on a clock that is turned, then serve what is there
    Demo(crate::commands::demo::DemoArgs),
    /// Run one document to its end in a throw-away engine and print its output
    Run {
        /// Workflow document, YAML or JSON
        document: PathBuf,
        /// Input as JSON text, `@file`, or `-` for standard input
        #[arg(long, default_value = "{}")]
        input: String,
        /// Give up after this many seconds
        #[arg(long, default_value_t = 300, value_name = "SECONDS")]
        limit: u64,
        /// Print nothing but the output
        #[arg(long, short)]
        quiet: bool,
    },
    /// Report every problem of documents, with pointer, line and column
    Validate {
        /// Documents, YAML or JSON
        #[arg(required = true)]
        documents: Vec<PathBuf>,
        /// Print problems as a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Serve the HTTP API
    Api,
    /// Perform runs; start as many as wanted
    Worker,
    /// Fire timers and schedules, feed the queue, rescue; a second one waits to take over
    Scheduler,
    /// Bring the database's schema up to date
    Migrate,
    /// Print the effective configuration, secrets masked
    Config,
    /// Say what of this installation works, what is off, and what to do; exit code 1 when it cannot work
    Doctor(crate::commands::doctor::DoctorArgs),
    /// Ask a role of this machine whether it is ready; exit code 1 when it is not, or does not answer in time
    Probe(crate::commands::probe::ProbeArgs),
    /// Make tenants and API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Check the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check packages of people's data
    #[command(subcommand)]
    Dsar(crate::commands::dsar::DsarCommand),
    /// Bill tenants through Stripe
    #[command(subcommand)]
    Billing(crate::commands::billing::BillingCommand),
    /// Delete what has outlived its retention, and check what was certified of it
    #[command(subcommand)]
    Retention(crate::commands::retention::RetentionCommand),
    /// Try the scaling rule, and check its decisions
    #[command(subcommand)]
    Autoscaler(crate::commands::autoscaler::AutoscalerCommand),
    /// Show the status of the service, and tell people of incidents
    #[command(subcommand)]
    Status(crate::commands::status::StatusCommand),
    /// List the activities that documents can call
    Activities,
    /// Measure this installation's speed
    Bench(levqor_bench::BenchArgs),
    /// Run workflows while processes die and lines break, and check that nothing was lost; exit code 1 when something was
    Verify(Box<crate::commands::verify::VerifyArgs>),
    /// Write the reference of configuration, metrics and error codes
    Reference {
        /// Folder to write to
        #[arg(default_value = "docs/reference")]
        folder: PathBuf,
        /// Fail when a file differs, write nothing
        #[arg(long)]
        check: bool,
    },
    /// Evaluate expressions for a parent process
    #[command(hide = true, name = crate::wiring::EXPRESSION_HELPER)]
    ExpressionHelper,
}

/// Keys are shown once, at their making.
#[derive(Subcommand, Debug)]
pub(crate) enum KeyCommand {
    /// Make a key, and its tenant when there is none of that name
    Create {
        /// Tenant's name
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Key's name
        #[arg(long, default_value = "cli")]
        name: String,
        /// Plan of a new tenant: sandbox, pro or enterprise
        #[arg(long, default_value = "enterprise")]
        plan: String,
    },
}

/// The chains of the audit trail.
#[derive(Subcommand, Debug)]
pub(crate) enum AuditCommand {
    /// Walk all chains and name every entry that is not as it was written; exit code 1 when there is one
    Verify(crate::commands::audit::VerifyArgs),
    /// Print the heads of all chains, sealed, to be kept elsewhere and checked against later
    Checkpoint,
}
