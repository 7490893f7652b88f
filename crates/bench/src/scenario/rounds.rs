//! The short scenarios, in rounds: each load of ours, then the same of each peer, and again.

use super::Scenario;
use crate::{
    context::Context,
    load,
    peer::Found,
    record::{Record, quantile},
    target::Target,
    usage,
};

/// Runs a second and seconds of the latency load.
pub(crate) const PACE: (u32, u32) = (50, 10);

pub(super) async fn measure(
    context: &Context<'_>,
    loads: &[Scenario],
    record: &mut Record,
    peers: &mut [Found],
) -> anyhow::Result<()> {
    let target = context.target().await?;
    if let Some(servers) = &target.servers {
        record.settings = servers.settings().await?;
    }
    load::batches(&target, "noop", context.arguments.runs() / 10).await?;
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("round {round} of {}", context.arguments.rounds()));
        for scenario in loads {
            own(context, &target, *scenario, record).await?;
        }
        for peer in peers.iter_mut() {
            peer.round(context, &target, loads).await;
        }
    }
    record.push("rss_mib", mebibytes(usage::memory(&target.roles())));
    Ok(())
}

async fn own(
    context: &Context<'_>,
    target: &Target,
    scenario: Scenario,
    record: &mut Record,
) -> anyhow::Result<()> {
    let runs = context.arguments.runs();
    match scenario {
        Scenario::NoopBatch => {
            let before = usage::own_cpu() + usage::cpu(&target.everything());
            record.push("noop_batch_per_s", load::batches(target, "noop", runs).await?);
            let after = usage::own_cpu() + usage::cpu(&target.everything());
            record.push("cpu_s_per_10k", per_10k(after.saturating_sub(before), runs));
        }
        Scenario::NoopSingle => record.push("noop_single_per_s", load::singles(target, runs / 2).await?),
        Scenario::Wf3 => record.push("wf3_per_s", load::batches(target, "three", runs / 2).await?),
        Scenario::Start => {
            let latencies = load::start_latencies(target, PACE.0, PACE.1).await?;
            record.push("start_p50_ms", quantile(&latencies, 0.50));
            record.push("start_p99_ms", quantile(&latencies, 0.99));
        }
        _ => {}
    }
    Ok(())
}

/// Processor seconds for 10,000 runs.
pub(crate) fn per_10k(used: std::time::Duration, runs: usize) -> f64 {
    used.as_secs_f64() * 10_000.0 / runs as f64
}

pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
