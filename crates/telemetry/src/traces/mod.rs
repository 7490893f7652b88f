//! Spans to a collector by OTLP (OTLP 1.0, "OTLP/HTTP": binary protobuf, POST). They leave through an egress client, in
//! batches; what is too much or is not taken is dropped and counted, and nobody ever waits for it.

mod encode;
mod send;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use levqor_egress::Egress;
use levqor_trace::{Sink, Span};
use tokio::sync::{mpsc, oneshot};

use self::send::Sending;

/// Spans waiting to be sent; more are dropped.
const WAITING: usize = 8_192;

/// A collector, and what it is told of this process.
#[derive(Clone)]
pub struct Collector {
    /// Where spans are posted, such as `http://collector:4318/v1/traces`.
    pub url: String,
    /// Sent with each request; they may hold secrets.
    pub headers: Vec<(String, String)>,
    /// Attributes of the resource: `service.name` and more.
    pub resource: Vec<(&'static str, String)>,
}

/// What became of spans.
#[derive(Debug, Default)]
pub struct SpanCounts {
    sent: AtomicU64,
    dropped: AtomicU64,
}

impl SpanCounts {
    /// Taken by the collector.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Dropped: too many waited, or the collector did not take them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    fn settle(&self, sent: u64, dropped: u64) {
        self.sent.fetch_add(sent, Relaxed);
        self.dropped.fetch_add(dropped, Relaxed);
    }
}

/// To the task that sends.
enum Message {
    Span(Box<Span>),
    Flush(oneshot::Sender<()>),
}

/// The sending side of an export that runs. Cheap to clone; the export ends with the last clone.
#[derive(Clone)]
pub struct TraceExport {
    messages: mpsc::Sender<Message>,
    counts: Arc<SpanCounts>,
}

/// Starts the export. Must be called inside a tokio runtime, which sends.
pub fn export_traces(collector: Collector, egress: Egress) -> TraceExport {
    let (messages, waiting) = mpsc::channel(WAITING);
    let counts = Arc::new(SpanCounts::default());
    tokio::spawn(Sending::new(collector, egress, Arc::clone(&counts)).run(waiting));
    TraceExport { messages, counts }
}

impl TraceExport {
    /// What became of spans so far.
    pub fn counts(&self) -> Arc<SpanCounts> {
        Arc::clone(&self.counts)
    }

    /// Waits until what was recorded has been sent or given up, for `limit` at most.
    pub async fn flush(&self, limit: Duration) {
        let flushed = async {
            let (done, flushed) = oneshot::channel();
            if self.messages.send(Message::Flush(done)).await.is_ok() {
                // An error says that the task is gone, and with it what waited.
                let _gone = flushed.await;
            }
        };
        if tokio::time::timeout(limit, flushed).await.is_err() {
            tracing::debug!("spans are left behind: the collector does not answer in time");
        }
    }
}

impl Sink for TraceExport {
    fn record(&self, span: Span) {
        if self.messages.try_send(Message::Span(Box::new(span))).is_err() {
            self.counts.settle(0, 1);
        }
    }
}

#[cfg(test)]
mod tests;
