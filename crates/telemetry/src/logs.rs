//! Structured logs on standard error; those at ERROR also become error reports when these are switched on.

use std::{
    io::{self, BufWriter, Stderr, Write},
    time::Duration,
};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::errors::ErrorLines;

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// How long lines are gathered after some were written: while others come, they share a call to the system. A line each
/// took a fifth of the API's time, most of it waiting for the lock of standard error.
const GATHERED: Duration = Duration::from_millis(5);

/// Keeps the thread that writes; what it has not written yet is written when this is dropped.
#[must_use = "lines that wait are lost when the process ends without dropping it"]
pub struct LogLines(#[expect(dead_code, reason = "its drop writes")] WorkerGuard);

/// Installs the global subscriber. `filter` is a `tracing` directive list such as `info,levqor_worker=debug`. Lines are
/// written by a thread of their own, at most [`GATHERED`] late; none is dropped: when the reader of standard error stalls,
/// so does in the end who writes a line.
///
/// Errors when the filter does not parse or a subscriber is installed already.
pub fn init_logs(
    filter: &str,
    format: LogFormat,
) -> Result<LogLines, Box<dyn std::error::Error + Send + Sync>> {
    let filter = EnvFilter::builder().parse(filter)?;
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(8_192)
        .thread_name("levqor-log")
        .finish(Gathering(BufWriter::with_capacity(64 * 1_024, io::stderr())));
    let lines = fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(ErrorLines)
        .try_init()?;
    Ok(LogLines(guard))
}

/// Pauses after it has written: its thread flushes whenever no line waits.
struct Gathering(BufWriter<Stderr>);

impl Write for Gathering {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        std::thread::sleep(GATHERED);
        Ok(())
    }
}
