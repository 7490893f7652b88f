//! `levqor bench`: this machine's figures, embedded and on Postgres and Redis, medians of several rounds.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people: counts far below 2^52"
)]

mod http;
mod load;
mod target;
mod usage;

use std::path::Path;

use clap::Args;
use serde::Serialize;

use target::Target;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    /// Measure only `embedded` or only `postgres-redis`
    #[arg(long)]
    only: Option<String>,
    /// Runs in a round of batches; the other loads are derived from it
    #[arg(long, default_value_t = 20_000)]
    runs: usize,
    /// Rounds; medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Figures of one installation.
#[derive(Debug, Serialize)]
struct Figures {
    noop_batch_per_s: f64,
    noop_single_per_s: f64,
    wf3_per_s: f64,
    start_p50_ms: f64,
    start_p99_ms: f64,
    /// Processor seconds per 10,000 no-op runs in batches: roles, servers and this load generator.
    cpu_s_per_10k: f64,
    /// Memory of our roles and their helpers (PSS), without Postgres and Redis.
    rss_mib: f64,
}

/// Both installations.
#[derive(Debug, Default, Serialize)]
struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postgres_redis: Option<Figures>,
}

/// Measures and prints.
pub(crate) async fn bench(arguments: &BenchArgs) -> anyhow::Result<()> {
    let binary = std::env::current_exe()?;
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    anyhow::ensure!(
        wanted("embedded") || wanted("postgres-redis"),
        "--only takes embedded or postgres-redis"
    );
    let mut report = Report::default();
    if wanted("embedded") {
        report.embedded = Some(measure(&binary, false, arguments).await?);
    }
    if wanted("postgres-redis") {
        report.postgres_redis = Some(measure(&binary, true, arguments).await?);
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print_table(&report);
    }
    Ok(())
}

async fn measure(binary: &Path, fleet: bool, arguments: &BenchArgs) -> anyhow::Result<Figures> {
    let target = if fleet {
        Target::fleet(binary).await?
    } else {
        Target::embedded(binary).await?
    };
    load::prepare(&target).await?;
    let runs = arguments.runs;
    // Roles and servers are children of this process.
    let everything = [std::process::id()];
    load::batches(&target, "noop", runs / 10).await?;
    let mut rounds = Rounds::default();
    for _ in 0..arguments.rounds.max(1) {
        let before = usage::cpu(&everything);
        rounds.batch.push(load::batches(&target, "noop", runs).await?);
        let used = usage::cpu(&everything).saturating_sub(before);
        rounds.cpu.push(used.as_secs_f64() * 10_000.0 / runs as f64);
        rounds.single.push(load::singles(&target, runs / 2).await?);
        rounds
            .three
            .push(load::batches(&target, "three", runs / 2).await?);
        let latencies = load::start_latencies(&target, 50, 10).await?;
        rounds.p50.push(quantile(&latencies, 0.50));
        rounds.p99.push(quantile(&latencies, 0.99));
    }
    Ok(rounds.medians(usage::memory(&target.roles())))
}

/// One figure a round.
#[derive(Default)]
struct Rounds {
    batch: Vec<f64>,
    single: Vec<f64>,
    three: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu: Vec<f64>,
}

impl Rounds {
    fn medians(self, memory: u64) -> Figures {
        Figures {
            noop_batch_per_s: median(self.batch),
            noop_single_per_s: median(self.single),
            wf3_per_s: median(self.three),
            start_p50_ms: median(self.p50),
            start_p99_ms: median(self.p99),
            cpu_s_per_10k: median(self.cpu),
            rss_mib: memory as f64 / f64::from(1 << 20),
        }
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    quantile(&figures, 0.5)
}

/// The figure at a fraction of a sorted list; NaN of an empty one.
fn quantile(sorted: &[f64], fraction: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last as f64 * fraction).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

/// A line of the table: what it says and which figure it shows.
type Line = (&'static str, fn(&Figures) -> f64);

fn print_table(report: &Report) {
    println!("{:<40}{:>14}{:>18}", "", "embedded", "postgres + redis");
    let rows: [Line; 7] = [
        ("no-op runs/s, in batches", |f| f.noop_batch_per_s),
        ("no-op runs/s, 32 clients, one each", |f| f.noop_single_per_s),
        ("three-step runs/s, in batches", |f| f.wf3_per_s),
        ("start latency at 50/s, p50, ms", |f| f.start_p50_ms),
        ("start latency at 50/s, p99, ms", |f| f.start_p99_ms),
        ("CPU seconds per 10,000 runs", |f| f.cpu_s_per_10k),
        ("memory of our processes (PSS), MiB", |f| f.rss_mib),
    ];
    for (name, figure) in rows {
        let cell = |figures: &Option<Figures>| {
            figures
                .as_ref()
                .map_or("-".to_owned(), |f| format!("{:.2}", figure(f)))
        };
        println!(
            "{name:<40}{:>14}{:>18}",
            cell(&report.embedded),
            cell(&report.postgres_redis)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_sorted_list() {
        let list: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!((quantile(&list, 0.5), quantile(&list, 0.99)), (50.0, 99.0));
        assert!(quantile(&[], 0.5).is_nan());
    }
}
