//! What to verify, and how.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use levqor_verify::{faults::Kind, installation::Installation};

/// An installation that is started for the verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum On {
    /// `levqor up` on SQLite
    Embedded,
    /// Roles as processes on a Postgres and a Redis of their own
    PostgresRedis,
}

/// What to verify, and how.
#[derive(Args, Debug)]
pub(crate) struct VerifyArgs {
    /// Start an installation for it and end it afterwards
    #[arg(long, value_enum, default_value = "embedded")]
    pub(super) on: On,
    /// Verify the installation whose API is here, instead of starting one
    #[arg(long, value_name = "URL", requires = "api_key_file")]
    pub(super) url: Option<String>,
    /// File with its API key; several, a line each, for several tenants
    #[arg(long, value_name = "FILE", requires = "url")]
    pub(super) api_key_file: Option<PathBuf>,
    /// How long load and faults last, such as 30s, 2m or 1h
    #[arg(long, default_value = "2m", value_name = "TIME", value_parser = duration)]
    pub(super) duration: Duration,
    /// Runs asked for each second
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rate: u32,
    /// Repeats what clients chose and which faults came when [default: drawn, and printed]
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Kinds of faults to play, separated by commas [default: all that make sense there]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        conflicts_with = "no_faults"
    )]
    pub(super) faults: Vec<Kind>,
    /// Play no faults
    #[arg(long)]
    no_faults: bool,
    /// A shell command that does a fault to the installation at --url; it gets FAULT and `FAULT_SECONDS`, and the fault is
    /// over when it ends
    #[arg(long, value_name = "NAME=COMMAND", requires = "url", value_parser = command)]
    pub(super) fault: Vec<(Kind, String)>,
    /// Worker processes: so many are started, or are at --url
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub(super) workers: usize,
    /// Address on this machine that runs call; the installation must be allowed to call it
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub(super) effects: SocketAddr,
    /// Write the signed report here
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Write all that was seen here, as JSON: every request, answer, call and journal
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
    /// File with the seed of the key that signs it, 64 hexadecimal digits [default: a key made for this report]
    #[arg(long, value_name = "FILE")]
    pub(super) signing_key: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Verify nothing, but check the signature of this report
    #[arg(long, value_name = "FILE")]
    pub(super) check_report: Option<PathBuf>,
    /// The key that must have signed it, 64 hexadecimal digits
    #[arg(long, value_name = "HEX", requires = "check_report")]
    pub(super) public_key: Option<String>,
}

impl VerifyArgs {
    /// Kinds of faults that are wanted.
    pub(super) fn kinds(&self, installation: &Installation) -> Vec<Kind> {
        match (self.no_faults, self.faults.is_empty(), &self.url) {
            (true, ..) => Vec::new(),
            (_, false, _) => self.faults.clone(),
            (_, _, Some(_)) => installation.kinds(),
            _ => Kind::all(),
        }
    }
}

/// `30s`, `2m`, `1h`, or ISO 8601.
fn duration(text: &str) -> anyhow::Result<Duration> {
    let parsed: jiff::SignedDuration = text.parse()?;
    let duration = Duration::try_from(parsed)?;
    ensure!(duration >= Duration::from_secs(1), "at least a second is needed");
    Ok(duration)
}

fn command(text: &str) -> anyhow::Result<(Kind, String)> {
    let (name, command) = text.split_once('=').context("expected NAME=COMMAND")?;
    let kind = name.parse::<Kind>().map_err(anyhow::Error::msg)?;
    Ok((kind, command.to_owned()))
}
