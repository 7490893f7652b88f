//! One round of a peer: its processes are started, warmed, measured and ended, so that they do not run beside ours.

use anyhow::Context as _;
use levqor_testkit::free_port;
use serde_json::{Value, json};

use super::{Peer, driver::Driver, install::Installed};
use crate::{
    context::Context,
    load::BATCH,
    record::{Record, quantile},
    scenario::{PACE, Scenario, mebibytes, per_10k},
    target::Target,
    usage,
};

/// Both processes of a peer, and whose processor time counts.
struct Running {
    worker: Driver,
    producer: Driver,
    servers: Vec<u32>,
}

pub(super) async fn round(
    context: &Context<'_>,
    peer: Peer,
    installed: &mut Installed,
    target: &Target,
    loads: &[Scenario],
    record: &mut Record,
) -> anyhow::Result<()> {
    let (latency, rates): (Vec<Scenario>, Vec<Scenario>) =
        loads.iter().partition(|scenario| **scenario == Scenario::Start);
    let runs = context.arguments.runs();
    if !rates.is_empty() {
        let mut running = Running::start(peer, installed, target, false).await?;
        running
            .load(&batch(runs / 10, peer, Scenario::NoopBatch, 0))
            .await?;
        for scenario in rates {
            running.rate(peer, scenario, runs, record).await?;
        }
        record.push("rss_mib", mebibytes(usage::memory(&running.own())));
        running.end().await?;
    }
    if !latency.is_empty() {
        let mut running = Running::start(peer, installed, target, true).await?;
        running.latency(record).await?;
        running.end().await?;
    }
    Ok(())
}

/// The command for a load in batches.
fn batch(runs: usize, peer: Peer, scenario: Scenario, steps: u32) -> (usize, Value) {
    let share = peer.share(scenario).unwrap_or_default();
    let runs = ((runs as f64 * share) as usize).next_multiple_of(BATCH);
    (
        runs,
        json!({"do": "batch", "runs": runs, "size": BATCH, "steps": steps}),
    )
}

/// What the drivers read, by name.
async fn environment(
    peer: Peer,
    installed: &mut Installed,
    target: &Target,
    latency: bool,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let postgres = &target.servers.as_ref().context("no servers")?.postgres;
    let database = match &installed.database {
        Some(database) => database.clone(),
        None => postgres.create_database().await?,
    };
    installed.database = Some(database.clone());
    let mut environment = vec![
        ("BENCH_POSTGRES", database),
        ("BENCH_PORT", free_port()?.to_string()),
    ];
    if let Some(redis) = &installed.redis {
        environment.push(("BENCH_REDIS", redis.url()));
    }
    if peer == Peer::BullmqRows {
        environment.push(("BENCH_ROWS", "1".to_owned()));
    }
    if latency {
        environment.push(("BENCH_LATENCY", "1".to_owned()));
    }
    Ok(environment)
}

impl Running {
    async fn start(
        peer: Peer,
        installed: &mut Installed,
        target: &Target,
        latency: bool,
    ) -> anyhow::Result<Self> {
        let environment = environment(peer, installed, target, latency).await?;
        // Graphile Worker's schema is made by the producer, Restate's service by the worker.
        let (worker, producer) = if peer == Peer::Graphile {
            let producer = Driver::start(installed, "producer", &environment).await?;
            (Driver::start(installed, "worker", &environment).await?, producer)
        } else {
            let worker = Driver::start(installed, "worker", &environment).await?;
            (worker, Driver::start(installed, "producer", &environment).await?)
        };
        let postgres = target.servers.as_ref().and_then(|servers| servers.postgres.pid());
        let postgres = postgres.filter(|_| peer != Peer::Bullmq);
        let redis = installed.redis.as_ref().and_then(levqor_testkit::Redis::pid);
        Ok(Self {
            worker,
            producer,
            servers: postgres.into_iter().chain(redis).collect(),
        })
    }

    fn own(&self) -> Vec<u32> {
        [self.worker.pid(), self.producer.pid()]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Seconds from the first request until the last run has ended, and how long runs waited for their start.
    async fn load(&mut self, (runs, command): &(usize, Value)) -> anyhow::Result<(f64, Vec<f64>)> {
        self.worker.ask(&json!({"do": "expect", "runs": runs})).await?;
        let sent = self.producer.ask(command).await?;
        let ended = self.worker.ask(&json!({"do": "ended"})).await?;
        let number = |value: &Value| value.as_f64().with_context(|| format!("no time in {value}"));
        let last = number(&ended["at"])?.max(number(&sent["sent"])?);
        let waits = serde_json::from_value(ended["waits"].clone())?;
        Ok(((last - number(&sent["began"])?) / 1_000.0, waits))
    }

    async fn rate(
        &mut self,
        peer: Peer,
        scenario: Scenario,
        runs: usize,
        record: &mut Record,
    ) -> anyhow::Result<()> {
        let Some(share) = peer.share(scenario) else {
            return Ok(());
        };
        let counted: Vec<u32> = self.own().into_iter().chain(self.servers.clone()).collect();
        let before = usage::cpu(&counted);
        let (row, load) = match scenario {
            Scenario::NoopBatch => ("noop_batch_per_s", batch(runs, peer, scenario, 0)),
            Scenario::Wf3 => ("wf3_per_s", batch(runs / 2, peer, scenario, 3)),
            _ => {
                let runs = (runs as f64 / 2.0 * share) as usize;
                let command = json!({"do": "single", "runs": runs, "clients": 32, "steps": 0});
                ("noop_single_per_s", (runs, command))
            }
        };
        let (seconds, _) = self.load(&load).await?;
        record.push(row, load.0 as f64 / seconds);
        if scenario == Scenario::NoopBatch {
            let used = usage::cpu(&counted).saturating_sub(before);
            record.push("cpu_s_per_10k", per_10k(used, load.0));
        }
        Ok(())
    }

    async fn latency(&mut self, record: &mut Record) -> anyhow::Result<()> {
        let paced = |seconds: u32| {
            let runs = (PACE.0 * seconds) as usize;
            (runs, json!({"do": "paced", "rate": PACE.0, "seconds": seconds}))
        };
        self.load(&paced(2)).await?;
        let (_, mut waits) = self.load(&paced(PACE.1)).await?;
        waits.sort_by(f64::total_cmp);
        record.push("start_p50_ms", quantile(&waits, 0.50));
        record.push("start_p99_ms", quantile(&waits, 0.99));
        Ok(())
    }

    async fn end(self) -> anyhow::Result<()> {
        self.producer.end().await?;
        self.worker.end().await
    }
}
