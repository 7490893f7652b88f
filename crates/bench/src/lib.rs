//! `levqor bench`: our own binary as a caller meets it, embedded and on Postgres and Redis, and peers beside it.
//!
//! A [`Scenario`] measures one or several rows of [`rows`]; each row keeps all its samples, and reports show medians with
//! the least and the largest. Servers are started for the measurement and removed after it. How each row comes about
//! is described in `docs/benchmarks.md`.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people: counts far below 2^52"
)]

mod args;
mod context;
mod http;
mod load;
mod machine;
mod paced;
mod peer;
mod record;
mod report;
mod rows;
mod scenario;
mod seed;
mod session;
mod target;
mod usage;

use std::path::Path;

pub use args::BenchArgs;
pub use context::Installation;
pub use peer::Peer;
pub use report::Report;
pub use scenario::Scenario;

use context::Context;

/// What the caller provides: a crate has no clock and no output of its own.
#[derive(Clone, Copy, Debug)]
pub struct Host<'a> {
    /// The `levqor` binary to measure.
    pub binary: &'a Path,
    /// Microseconds since the Unix epoch, by the machine's clock.
    pub now: fn() -> i64,
    /// Tells the person who waits what is being done.
    pub say: fn(&str),
}

/// Measures what the arguments ask for.
///
/// # Errors
/// When servers or our own binary cannot be started, or an answer is not what it should be. Peers that cannot be
/// measured are no error: the report says why.
pub async fn bench(arguments: &BenchArgs, host: Host<'_>) -> anyhow::Result<Report> {
    arguments.check()?;
    let mut report = Report::new(machine::Machine::look().await?);
    for installation in [Installation::Embedded, Installation::PostgresRedis] {
        if arguments.only.is_none_or(|only| only == installation) {
            let context = Context {
                arguments,
                host,
                installation,
            };
            report.add(installation, scenario::all(&context).await?);
        }
    }
    Ok(report)
}
