//! How much slower the API is while a sweep deletes a million rows (`domain_10_3`: less than 20 % at the 99th percentile).
//!
//! Starts Postgres, Redis, an API, a scheduler and a worker of the real binary, puts a steady load on the API (half of it
//! new runs, half of it reads of runs), measures it for a while, then beside `levqor retention sweep`, then again alone.
//! Latency counts from when a request was due, so that a stall is seen by every request that it holds up.
//!
//! ```sh
//! cargo build --release -p levqor
//! cargo run --release -p levqor-tests --example retention_load [ROWS] [REQUESTS_A_SECOND] [SECONDS]
//! ```
//!
//! `LEVQOR_BIN` names another binary. Defaults: 1,000,000 rows, 200 requests a second, 60 seconds alone. Run it on a quiet
//! machine; on two cores the load generator, the servers and the sweep share them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use levqor_tests::{Client, Fleet, noop};
use serde_json::json;
use tokio::{sync::Mutex, task::JoinSet, time::Instant};

/// Rows of one insert.
const CHUNK: i64 = 50_000;

/// One argument, or its default.
fn argument(at: usize, default: u64) -> Result<u64> {
    std::env::args()
        .nth(at)
        .map_or(Ok(default), |text| text.parse().context("a number"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let (rows, rate, seconds) = (argument(1, 1_000_000)?, argument(2, 200)?, argument(3, 60)?);
    let fleet = Arc::new(Fleet::start(1).await?);
    fill(&fleet, i64::try_from(rows)?).await?;
    fleet.client.store(&noop()).await?;
    let load = Load::new(&fleet.client, rate).await?;
    let alone = Duration::from_secs(seconds);
    load.for_(Duration::from_secs(10)).await?;
    let before = load.for_(alone).await?.report("alone");
    let sweep = tokio::spawn({
        let fleet = fleet.clone();
        async move {
            fleet
                .run_within(&["retention", "sweep", "--json"], Duration::from_hours(2))
                .await
        }
    });
    let started = Instant::now();
    let during = load.until(&sweep).await?.report("during the sweep");
    println!(
        "the sweep took {:.1} s: {}",
        started.elapsed().as_secs_f64(),
        sweep.await??.1.trim()
    );
    let after = load.for_(alone).await?.report("alone again");
    let base = before.midpoint(after);
    println!(
        "p99 during the sweep against alone: {:+.1} %",
        (during / base - 1.0) * 100.0
    );
    Ok(())
}

/// Mails that were sent in 1970, in chunks.
async fn fill(fleet: &Fleet, rows: i64) -> Result<()> {
    let database = fleet.database().await?;
    for from in (1..=rows).step_by(usize::try_from(CHUNK)?) {
        let sql = "INSERT INTO mails (tenant_id, id, key, recipient, kind, template, subject, attachments, state, attempts,
                                      due, created_at, ended_at)
                   SELECT (SELECT id FROM tenants WHERE name = 'default'), gen_random_uuid(), 'old/' || n,
                          'person' || n % 1000 || '@example.com', 'transactional', 'test', 'Test', '[]', 'sent', 1, 0, 0, n
                   FROM generate_series($1, $2) AS n";
        let to = rows.min(from + CHUNK - 1);
        sqlx::query(sql).bind(from).bind(to).execute(&database).await?;
    }
    sqlx::query("VACUUM ANALYZE mails").execute(&database).await?;
    sqlx::query("CHECKPOINT").execute(&database).await?;
    println!("{rows} rows are there");
    Ok(())
}

/// A steady load.
struct Load {
    client: Client,
    /// A run to read.
    run: String,
    pause: Duration,
}

/// Latencies in microseconds.
struct Measured(Vec<u64>);

impl Load {
    async fn new(client: &Client, rate: u64) -> Result<Self> {
        let run = client.start("test/noop", json!({})).await?;
        client.ended(&run, Duration::from_mins(1)).await?;
        let pause = Duration::from_secs(1) / u32::try_from(rate)?;
        Ok(Self {
            client: client.clone(),
            run,
            pause,
        })
    }

    async fn for_(&self, time: Duration) -> Result<Measured> {
        let end = Instant::now() + time;
        self.while_(|| Instant::now() < end).await
    }

    async fn until<T>(&self, task: &tokio::task::JoinHandle<T>) -> Result<Measured> {
        self.while_(|| !task.is_finished()).await
    }

    /// A request when each is due, whatever became of those before.
    async fn while_(&self, going: impl Fn() -> bool) -> Result<Measured> {
        let latencies = Arc::new(Mutex::new(Vec::new()));
        let failed = Arc::new(AtomicBool::new(false));
        let mut requests = JoinSet::new();
        let (mut due, mut reads) = (Instant::now(), false);
        while going() {
            tokio::time::sleep_until(due).await;
            let (latencies, failed) = (latencies.clone(), failed.clone());
            let (client, run) = (self.client.clone(), self.run.clone());
            let at = due;
            requests.spawn(async move {
                match request(&client, reads.then_some(run.as_str())).await {
                    Ok(()) => latencies
                        .lock()
                        .await
                        .push(u64::try_from(at.elapsed().as_micros()).unwrap_or(u64::MAX)),
                    Err(error) => {
                        eprintln!("{error:#}");
                        failed.store(true, Ordering::Relaxed);
                    }
                }
            });
            while requests.try_join_next().is_some() {}
            due += self.pause;
            reads = !reads;
        }
        while requests.join_next().await.is_some() {}
        anyhow::ensure!(!failed.load(Ordering::Relaxed), "a request failed");
        let mut all = std::mem::take(&mut *latencies.lock().await);
        all.sort_unstable();
        Ok(Measured(all))
    }
}

async fn request(client: &Client, read: Option<&str>) -> Result<()> {
    match read {
        Some(run) => client.run(run).await.map(drop),
        None => client.start("test/noop", json!({})).await.map(drop),
    }
}

impl Measured {
    /// Milliseconds below which this many of a thousand are.
    fn below(&self, thousandths: usize) -> f64 {
        let at = (self.0.len() * thousandths / 1_000).min(self.0.len().saturating_sub(1));
        self.0.get(at).map_or(0.0, |micros| {
            Duration::from_micros(*micros).as_secs_f64() * 1_000.0
        })
    }

    /// Prints a line; the 99th percentile in milliseconds.
    fn report(&self, what: &str) -> f64 {
        let (p50, p95, p99, most) = (
            self.below(500),
            self.below(950),
            self.below(990),
            self.below(1_000),
        );
        println!(
            "{what}: {} requests, p50 {p50:.2} ms, p95 {p95:.2} ms, p99 {p99:.2} ms, max {most:.2} ms",
            self.0.len()
        );
        p99
    }
}
