//! Logs, metrics, error reports and the export of traces of every role.

mod errors;
mod few;
mod logs;
mod metrics;
mod scrub;
mod traces;

pub use errors::{ErrorReports, report_errors};
pub use few::Few;
pub use logs::{LogFormat, LogLines, init_logs};
pub use metrics::{Metric, MetricKind, Metrics};
pub use traces::{Collector, SpanCounts, TraceExport, export_traces};
