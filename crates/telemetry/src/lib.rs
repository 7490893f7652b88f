//! Logs, metrics and error reports of every role.

mod errors;
mod few;
mod logs;
mod metrics;
mod scrub;

pub use errors::{ErrorReports, report_errors};
pub use few::Few;
pub use logs::{LogFormat, init_logs};
pub use metrics::{Metric, MetricKind, Metrics};
