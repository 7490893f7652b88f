//! Which figures of the roles become metrics.

mod api;
mod autoscaler;
mod batches;
mod fleet;
mod money;
mod scheduler;
mod traces;
mod worker;

use std::{fmt::Write as _, sync::Arc};

use levqor_telemetry::Metrics;

pub(crate) use api::ApiFigures;
pub(crate) use batches::BatchFigures;
pub(crate) use scheduler::{SchedulerFigures, scheduler};
pub(crate) use traces::traces;
pub(crate) use worker::{WorkerFigures, worker};

/// A count as a gauge shows it.
fn gauge(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// A count or an amount as it is shown.
#[expect(
    clippy::cast_precision_loss,
    reason = "far below 2^52, and a gauge may be rounded"
)]
fn number(count: i64) -> f64 {
    count as f64
}

/// Millionths of a minor unit as minor units.
fn minor_units(micros: i64) -> f64 {
    number(micros) / 1_000_000.0
}

/// The page of all metrics.
pub(crate) fn reference() -> anyhow::Result<String> {
    let metrics = Metrics::new("reference", env!("CARGO_PKG_VERSION"))
        .map_err(|error| anyhow::anyhow!("metrics cannot be set up: {error}"))?;
    let batches = BatchFigures::new(&metrics);
    ApiFigures::new(&metrics);
    WorkerFigures::new(&metrics, batches);
    worker::counted(&metrics, &Arc::default(), None, || 0, 0);
    SchedulerFigures::new(&metrics, "GBP");
    scheduler::counted(&metrics, &Arc::default());
    traces(&metrics, &Arc::default());
    let mut page =
        "# Metrics\n\nMade by `levqor reference`. Each process serves its own on `/metrics`: the API on its \
         address, workers and schedulers on `metrics_listen`.\n\n| name | kind | what |\n|---|---|---|\n"
            .to_owned();
    for metric in metrics.known() {
        // Writing to a String cannot fail.
        let _written = writeln!(
            page,
            "| `{}` | {:?} | {} |",
            metric.name, metric.kind, metric.help
        );
    }
    Ok(page)
}
