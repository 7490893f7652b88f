//! Start latency at 70 % of the largest rate, once with a request a run and once in batches.

use std::time::Duration;

use crate::{
    context::Context,
    load::{self, BATCH},
    paced::{self, Paced},
    record::{Record, quantile},
    target::Target,
};

const SHARE: f64 = 0.7;
const LASTING: Duration = Duration::from_secs(20);
/// Enough that a request never waits for a connection while answers come in time.
const CONNECTIONS: usize = 128;

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let target = context.target().await?;
    let runs = context.arguments.runs();
    load::batches(&target, "stamp", runs / 10).await?;
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("loaded: round {round}"));
        let largest = load::singles(&target, runs / 2).await?;
        let (p50, p99) = latency(context, &target, largest, false).await?;
        record.push("loaded_p50_ms", p50);
        record.push("loaded_p99_ms", p99);
        let largest = load::batches(&target, "stamp", runs).await?;
        let (p50, p99) = latency(context, &target, largest, true).await?;
        record.push("loaded_batch_p50_ms", p50);
        record.push("loaded_batch_p99_ms", p99);
    }
    record.note(format!(
        "loaded: latency counts from when a request was due. In batches of {BATCH} it is that of a batch's last run, so it \
         holds the time in which all of its runs are started."
    ));
    Ok(())
}

/// p50 and p99; infinite when the rate could not be held.
async fn latency(
    context: &Context<'_>,
    target: &Target,
    largest: f64,
    batches: bool,
) -> anyhow::Result<(f64, f64)> {
    let paced = Paced {
        rate: largest * SHARE,
        lasting: context.arguments.lasting(LASTING).max(Duration::from_secs(2)),
        connections: if batches { 8 } else { CONNECTIONS },
        batches,
        workflow: "stamp",
    };
    let outcome = paced.send(target).await?;
    if outcome.unsent + outcome.shed + outcome.other > 0 {
        context.say(&format!(
            "loaded: {} not sent in time, {} shed, {} failed",
            outcome.unsent, outcome.shed, outcome.other
        ));
        return Ok((f64::INFINITY, f64::INFINITY));
    }
    let latencies = paced::latencies(target, &outcome.samples, 30).await?;
    let mut latencies: Vec<f64> = latencies.into_iter().map(|(_, ms)| ms).collect();
    latencies.sort_by(f64::total_cmp);
    Ok((quantile(&latencies, 0.5), quantile(&latencies, 0.99)))
}
