//! Metrics: OpenTelemetry instruments, rendered in the Prometheus text format.
//!
//! Most figures are counters that the roles keep anyway; they are read when somebody scrapes.

use std::sync::Arc;

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter, MeterProvider as _},
};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use parking_lot::Mutex;
use prometheus::{Encoder, Registry, TextEncoder};

/// Buckets for durations in seconds, from a tenth of a millisecond to a minute.
const SECONDS: [f64; 15] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];

/// Buckets for numbers of rows: a batch holds a thousand at most.
const ROWS: [f64; 11] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 400.0, 700.0, 1000.0,
];

/// What a metric is, for the generated reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// As Prometheus shows it.
    pub name: String,
    /// Counter, gauge or histogram.
    pub kind: MetricKind,
    /// Its HELP line.
    pub help: String,
}

/// The kinds in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows; the name ends in `_total`.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// The registry of one process.
pub struct Metrics {
    registry: Registry,
    meter: Meter,
    known: Mutex<Vec<Metric>>,
    _provider: SdkMeterProvider,
}

impl Metrics {
    /// An empty registry; `role` and `version` become labels of `levqor_build_info`.
    pub fn new(role: &str, version: &str) -> Result<Arc<Self>, Box<dyn std::error::Error + Send + Sync>> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_units()
            .without_counter_suffixes()
            .without_target_info()
            .scope_info_enabled(false)
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        let meter = provider.meter("levqor");
        let metrics = Arc::new(Self {
            registry,
            meter,
            known: Mutex::default(),
            _provider: provider,
        });
        metrics.build_info(role, version);
        Ok(metrics)
    }

    fn build_info(&self, role: &str, version: &str) {
        let labels = [
            KeyValue::new("role", role.to_owned()),
            KeyValue::new("version", version.to_owned()),
        ];
        let name = self.note(
            "levqor_build_info",
            MetricKind::Gauge,
            "Version and role of this process; always 1.",
        );
        self.meter
            .u64_observable_gauge(name)
            .with_description("Version and role of this process; always 1.")
            .with_callback(move |observer| observer.observe(1, &labels))
            .build();
    }

    fn note(&self, name: &str, kind: MetricKind, help: &str) -> String {
        self.known.lock().push(Metric {
            name: name.to_owned(),
            kind,
            help: help.to_owned(),
        });
        name.to_owned()
    }

    /// A counter whose total is read from `total` at each scrape. `name` ends in `_total`.
    pub fn counter(&self, name: &str, help: &str, total: impl Fn() -> u64 + Send + Sync + 'static) {
        self.meter
            .u64_observable_counter(self.note(name, MetricKind::Counter, help))
            .with_description(help.to_owned())
            .with_callback(move |observer| observer.observe(total(), &[]))
            .build();
    }

    /// A gauge whose value is read from `value` at each scrape; None leaves it out.
    pub fn gauge(&self, name: &str, help: &str, value: impl Fn() -> Option<f64> + Send + Sync + 'static) {
        self.meter
            .f64_observable_gauge(self.note(name, MetricKind::Gauge, help))
            .with_description(help.to_owned())
            .with_callback(move |observer| {
                if let Some(value) = value() {
                    observer.observe(value, &[]);
                }
            })
            .build();
    }

    /// A gauge with labels, all its values read at each scrape. Label values must be few: see [`Few`].
    pub fn gauges(
        &self,
        name: &str,
        help: &str,
        values: impl Fn() -> Vec<(Vec<KeyValue>, f64)> + Send + Sync + 'static,
    ) {
        self.meter
            .f64_observable_gauge(self.note(name, MetricKind::Gauge, help))
            .with_description(help.to_owned())
            .with_callback(move |observer| {
                for (labels, figure) in values() {
                    observer.observe(figure, &labels);
                }
            })
            .build();
    }

    /// A counter with labels, added to as things happen. `name` ends in `_total`.
    pub fn counters(&self, name: &str, help: &str) -> Counter<u64> {
        self.meter
            .u64_counter(self.note(name, MetricKind::Counter, help))
            .with_description(help.to_owned())
            .build()
    }

    /// The same of what is no whole number, such as money.
    pub fn amounts(&self, name: &str, help: &str) -> Counter<f64> {
        self.meter
            .f64_counter(self.note(name, MetricKind::Counter, help))
            .with_description(help.to_owned())
            .build()
    }

    /// A histogram of seconds. `name` ends in `_seconds`.
    pub fn histogram(&self, name: &str, help: &str) -> Histogram<f64> {
        self.distribution(name, help, &SECONDS)
    }

    /// A histogram of numbers of rows. `name` ends in `_rows`.
    pub fn rows(&self, name: &str, help: &str) -> Histogram<f64> {
        self.distribution(name, help, &ROWS)
    }

    fn distribution(&self, name: &str, help: &str, bounds: &[f64]) -> Histogram<f64> {
        self.meter
            .f64_histogram(self.note(name, MetricKind::Histogram, help))
            .with_description(help.to_owned())
            .with_boundaries(bounds.to_vec())
            .build()
    }

    /// All metrics made so far, by name.
    pub fn known(&self) -> Vec<Metric> {
        let mut known = self.known.lock().clone();
        known.sort_by(|a, b| a.name.cmp(&b.name));
        known
    }

    /// The Prometheus text format, version 0.0.4.
    pub fn render(&self) -> String {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "metrics not rendered");
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_rendered_with_help_type_and_value() {
        let metrics = Metrics::new("test", "1.2.3").unwrap();
        metrics.counter("levqor_claims_total", "Runs claimed.", || 7);
        metrics.gauge("levqor_slots_busy", "Slots in use.", || Some(2.0));
        metrics.gauges("levqor_runs", "Live runs by state.", || {
            vec![(vec![KeyValue::new("state", "pending")], 3.0)]
        });
        metrics
            .counters("levqor_runs_ended_total", "Runs ended.")
            .add(2, &[KeyValue::new("workflow", "a/b")]);
        metrics.amounts("levqor_cost_total", "Cost.").add(0.25, &[]);
        metrics
            .rows("levqor_batch_rows", "Rows in a commit.")
            .record(7.0, &[]);
        metrics
            .histogram("levqor_call_duration_seconds", "Length of calls.")
            .record(0.003, &[]);
        let text = metrics.render();
        for line in [
            "levqor_build_info{role=\"test\",version=\"1.2.3\"} 1",
            "# HELP levqor_claims_total Runs claimed.",
            "# TYPE levqor_claims_total counter",
            "levqor_claims_total 7",
            "levqor_slots_busy 2",
            "levqor_runs{state=\"pending\"} 3",
            "levqor_runs_ended_total{workflow=\"a/b\"} 2",
            "levqor_cost_total 0.25",
            "levqor_batch_rows_bucket{le=\"10\"} 1",
            "levqor_call_duration_seconds_bucket{le=\"0.005\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert_eq!(metrics.known().len(), 8);
    }
}
