//! The task that sends.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use levqor_egress::{Egress, Request};
use levqor_trace::Span;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;
use tokio::sync::mpsc;

use super::{Collector, Message, SpanCounts, encode};

/// Most spans of a request.
const BATCH: usize = 512;

/// Pause after a request that was not full, so that spans share the next.
const GATHER: Duration = Duration::from_millis(500);

/// For an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tries of a request.
const TRIES: u32 = 3;

/// Pause before the second try; doubled before the third.
const AGAIN: Duration = Duration::from_millis(500);

/// Statuses that ask for another try (OTLP, "Retryable Response Codes").
const RETRYABLE: [u16; 4] = [429, 502, 503, 504];

/// Why a try gave nothing.
enum Failure {
    Later(String),
    Never(String),
}

pub(super) struct Sending {
    collector: Collector,
    egress: Egress,
    counts: Arc<SpanCounts>,
    /// The last request failed: said once.
    failing: bool,
}

impl Sending {
    pub(super) fn new(collector: Collector, egress: Egress, counts: Arc<SpanCounts>) -> Self {
        Self {
            collector,
            egress,
            counts,
            failing: false,
        }
    }

    /// Until nobody can record any more.
    pub(super) async fn run(mut self, mut waiting: mpsc::Receiver<Message>) {
        let mut gathered = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut gathered, BATCH).await > 0 {
            let full = gathered.len() == BATCH;
            let (mut spans, mut flushes) = (Vec::new(), Vec::new());
            for message in gathered.drain(..) {
                match message {
                    Message::Span(span) => spans.push(*span),
                    Message::Flush(done) => flushes.push(done),
                }
            }
            self.deliver(spans).await;
            let asked = !flushes.is_empty();
            for done in flushes {
                // Whoever asked may have given up waiting.
                let _gone = done.send(());
            }
            if !full && !asked {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    async fn deliver(&mut self, spans: Vec<Span>) {
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        if count == 0 {
            return;
        }
        let body = Bytes::from(encode::request(&self.collector.resource, spans).encode_to_vec());
        match self.exchange(&body).await {
            Ok(rejected) => {
                let rejected = rejected.min(count);
                self.counts.settle(count - rejected, rejected);
                self.failing = false;
            }
            Err(reason) => {
                self.counts.settle(0, count);
                if !self.failing {
                    tracing::warn!(reason, "spans are dropped: the collector does not take them");
                }
                self.failing = true;
            }
        }
    }

    /// How many of the spans the collector rejected.
    async fn exchange(&self, body: &Bytes) -> Result<u64, String> {
        let (mut pause, mut tries) = (AGAIN, 1);
        loop {
            match self.post(body.clone()).await {
                Ok(rejected) => return Ok(rejected),
                Err(Failure::Later(_)) if tries < TRIES => tokio::time::sleep(pause).await,
                Err(Failure::Later(reason) | Failure::Never(reason)) => return Err(reason),
            }
            (pause, tries) = (pause * 2, tries + 1);
        }
    }

    async fn post(&self, body: Bytes) -> Result<u64, Failure> {
        let mut headers = self.collector.headers.clone();
        headers.push(("content-type".to_owned(), "application/x-protobuf".to_owned()));
        let request = Request {
            method: "POST".to_owned(),
            url: self.collector.url.clone(),
            headers,
            body: Some(body),
            timeout: Some(PATIENCE),
            ..Request::default()
        };
        let response = self.egress.send(request).await;
        let response = response.map_err(|error| Failure::Later(error.to_string()))?;
        let answered = || format!("it answered {}", response.status);
        match response.status {
            200..300 => Ok(rejected(response.body)),
            status if RETRYABLE.contains(&status) => Err(Failure::Later(answered())),
            _ => Err(Failure::Never(answered())),
        }
    }
}

/// A collector may take some spans and reject others (OTLP, "Partial Success").
fn rejected(body: Bytes) -> u64 {
    let answer = ExportTraceServiceResponse::decode(body).ok();
    let partial = answer.and_then(|answer| answer.partial_success);
    partial.map_or(0, |partial| u64::try_from(partial.rejected_spans).unwrap_or(0))
}
