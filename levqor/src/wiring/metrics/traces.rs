//! Figures of the export of traces.

use std::sync::Arc;

use levqor_telemetry::{Metrics, SpanCounts};

/// Counts of a process that records traces.
pub(crate) fn traces(metrics: &Metrics, counts: &Arc<SpanCounts>) {
    let sent = Arc::clone(counts);
    metrics.counter(
        "levqor_trace_spans_sent_total",
        "Spans that the collector took.",
        move || sent.sent(),
    );
    let dropped = Arc::clone(counts);
    metrics.counter(
        "levqor_trace_spans_dropped_total",
        "Spans dropped: too many waited, or the collector did not take them.",
        move || dropped.dropped(),
    );
}
