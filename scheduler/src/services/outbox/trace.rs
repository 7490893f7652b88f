//! The trace that a callback carries on.

use levqor_store::{OutboxRow, Timestamp};
use levqor_trace::{Part, Span, SpanId, SpanKind, TraceContext};

use crate::context::Context;

/// What a receiver is told: the try's own span when that is recorded, else what came with the run.
pub(super) struct Told(TraceContext);

impl Told {
    /// None: the run is in no trace.
    pub(super) fn of(context: &Context, row: &OutboxRow) -> Option<Self> {
        let origin = row.trace?;
        if !context.options.tracer.records(origin) {
            return Some(Self(origin));
        }
        let own = SpanId::from_random(context.platform.ids.random());
        Some(Self(origin.at(own)))
    }

    /// The header of W3C Trace Context.
    pub(super) fn header(&self) -> (String, String) {
        ("traceparent".to_owned(), self.0.to_string())
    }

    /// Records the try, when its trace is. Its parent is the part of the run that ended it. `status` is None when nobody
    /// answered.
    pub(super) async fn over(
        self,
        context: &Context,
        row: &OutboxRow,
        began: Timestamp,
        status: Option<u16>,
    ) {
        let tracer = &context.options.tracer;
        if !tracer.records(self.0) {
            return;
        }
        // Without the store's clock nobody knows how long it took; it began, all the same.
        let ended = context.store.now().await.unwrap_or(began);
        let segment = SpanId::of(row.run.0.as_u128(), row.epoch, Part::Segment);
        let error = match status {
            None => Some("communication".to_owned()),
            Some(200..300) => None,
            Some(status) => Some(status.to_string()),
        };
        let span = Span::new(
            self.0,
            Some(segment),
            "callback",
            SpanKind::Client,
            (began.0, ended.0),
        )
        .with("http.request.method", "POST")
        .with("levqor.run", row.run.to_string())
        .with("levqor.tenant", row.tenant.to_string())
        .with("levqor.attempt", i64::from(row.attempts))
        .failed(error);
        tracer.record(match status {
            Some(status) => span.with("http.response.status_code", i64::from(status)),
            None => span,
        });
    }
}
