//! Twice the capacity for ten minutes: what is refused and how, what happens to what is accepted, and to memory.

use std::time::Duration;

use tokio::time::Instant;

use super::rounds::mebibytes;
use crate::{
    context::Context,
    load,
    paced::{self, Outcome, Paced},
    record::{Record, Series, quantile},
    target::Target,
    usage,
};

const LASTING: Duration = Duration::from_mins(10);

/// The first of so many parts is what the others are compared with: the first minute of a full run.
const PARTS: f64 = 10.0;

/// Looks at memory during the load.
const LOOKS: u32 = 60;

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let target = context.target().await?;
    let capacity = capacity(context, &target).await?;
    let lasting = context.arguments.lasting(LASTING);
    context.say(&format!("overload: {:.0} runs/s for {lasting:?}", 2.0 * capacity));
    let flood = Paced {
        rate: 2.0 * capacity,
        lasting,
        connections: 32,
        batches: true,
        workflow: "noop",
    };
    let probes = Paced {
        rate: 50.0,
        connections: 64,
        batches: false,
        workflow: "stamp",
        ..flood
    };
    let (flooded, outcome, memory) = tokio::try_join!(
        flood.send(&target),
        probes.send(&target),
        memory(&target, lasting)
    )?;
    let latencies = paced::latencies(&target, &outcome.samples, 0).await?;
    counts(&flooded, lasting, record);
    record.note(format!(
        "overload: {:.0} runs/s in batches were due, {capacity:.0} is what it can do; {} runs were not sent in time; {} of \
         the single requests were accepted, {} refused, {} failed, {} not sent",
        flood.rate,
        flooded.unsent,
        outcome.accepted.len(),
        outcome.shed,
        outcome.other,
        outcome.unsent,
    ));
    waiting(&latencies, lasting, record);
    growth(memory, lasting, record);
    Ok(())
}

/// Runs a second in batches, the median of three loads.
async fn capacity(context: &Context<'_>, target: &Target) -> anyhow::Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..3 {
        rates.push(load::batches(target, "noop", context.arguments.runs()).await?);
    }
    rates.sort_by(f64::total_cmp);
    Ok(quantile(&rates, 0.5))
}

/// Memory of our roles in MiB over time.
async fn memory(target: &Target, lasting: Duration) -> anyhow::Result<Vec<(f64, f64)>> {
    let begin = Instant::now();
    let mut points = Vec::new();
    while begin.elapsed() < lasting {
        tokio::time::sleep(lasting / LOOKS).await;
        let used = mebibytes(usage::memory(&target.roles()));
        points.push((begin.elapsed().as_secs_f64(), used));
    }
    Ok(points)
}

fn counts(flooded: &Outcome, lasting: Duration, record: &mut Record) {
    let accepted: usize = flooded.accepted.iter().map(|(_, runs)| runs).sum();
    let sent = (accepted + flooded.shed + flooded.other) as f64;
    record.push("overload_accepted_per_s", accepted as f64 / lasting.as_secs_f64());
    record.push("overload_shed_percent", 100.0 * flooded.shed as f64 / sent);
    record.push("overload_other_percent", 100.0 * flooded.other as f64 / sent);
    let window = lasting.as_secs_f64() / f64::from(LOOKS);
    record.series.push(Series {
        name: "overload: runs accepted a second",
        unit: "/s",
        points: windows(&flooded.accepted, window),
    });
}

/// Rates of what came in each window, with its end.
fn windows(accepted: &[(f64, usize)], window: f64) -> Vec<(f64, f64)> {
    let of = |n: u32| {
        let (from, to) = (f64::from(n) * window, f64::from(n + 1) * window);
        let runs = accepted.iter().filter(|(at, _)| (from..to).contains(at));
        (to, runs.map(|(_, runs)| *runs as f64).sum::<f64>() / window)
    };
    (0..LOOKS).map(of).collect()
}

fn waiting(latencies: &[(f64, f64)], lasting: Duration, record: &mut Record) {
    let first = lasting.as_secs_f64() / PARTS;
    let p99 = |wanted: &dyn Fn(f64) -> bool| {
        let mut some: Vec<f64> = latencies
            .iter()
            .filter(|(at, _)| wanted(*at))
            .map(|(_, ms)| *ms)
            .collect();
        some.sort_by(f64::total_cmp);
        quantile(&some, 0.99)
    };
    record.push("overload_first_p99_ms", p99(&|at| at < first));
    record.push("overload_p99_ms", p99(&|at| at >= first));
    let mut points = latencies.to_vec();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    record.series.push(Series {
        name: "overload: start latency of accepted single runs",
        unit: "ms",
        points,
    });
}

fn growth(memory: Vec<(f64, f64)>, lasting: Duration, record: &mut Record) {
    let first = lasting.as_secs_f64() / PARTS;
    let most = |wanted: &dyn Fn(f64) -> bool| {
        let some = memory.iter().filter(|(at, _)| wanted(*at)).map(|(_, used)| *used);
        some.fold(0.0, f64::max)
    };
    let ratio = most(&|at| at >= first) / most(&|at| at < first * 1.05);
    record.push("overload_memory_ratio", ratio);
    record.series.push(Series {
        name: "overload: memory of our processes",
        unit: "MiB",
        points: memory,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_compared_with_the_first_tenth() {
        let mut record = Record::default();
        let memory = (1..=20).map(|n| (f64::from(n), if n <= 2 { 50.0 } else { 60.0 }));
        growth(memory.collect(), Duration::from_secs(20), &mut record);
        assert_eq!(record.median("overload_memory_ratio"), Some(1.2));
    }
}
