//! A run's place in a trace, as this worker records it.
//!
//! ```text
//! the request that started it (stored with the run)
//! └ run                        from its acceptance to its end; recorded by whoever ends it
//!   ├ claim ─link→ the segment before, or the request
//!   └ segment                  from the claim to its park or end
//!     └ attempt                of an activity or an HTTP call
//! ```
//!
//! Ids of all but attempts follow from run and epoch, so that every process knows the parent of what it records.

use std::borrow::Cow;

use levqor_engine::{CallFailure, CallKind};
use levqor_store::{ClaimedRun, RunId, TenantId, Timestamp};
use levqor_trace::{Part, Span, SpanId, SpanKind, TraceContext, Tracer};
use serde_json::Value;
use url::Url;

use crate::activity::Context;

/// A claimed run in a trace that is recorded here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced {
    /// The span that started the run.
    origin: TraceContext,
    run: RunId,
    tenant: TenantId,
    epoch: i32,
}

impl Traced {
    /// None: the run is in no trace, or nobody records it.
    pub(crate) fn of(tracer: &Tracer, claimed: &ClaimedRun) -> Option<Self> {
        let origin = claimed.trace.filter(|trace| tracer.records(*trace))?;
        Some(Self {
            origin,
            run: claimed.id,
            tenant: claimed.tenant,
            epoch: claimed.epoch,
        })
    }

    /// The span of the time in which this worker holds the run.
    pub(crate) fn segment(self) -> TraceContext {
        self.part(self.epoch, Part::Segment)
    }

    /// The claim, from the hint to its commit.
    pub(crate) fn claimed(self, at: (Timestamp, Timestamp)) -> Span {
        let before = if self.epoch > 1 {
            self.part(self.epoch - 1, Part::Segment)
        } else {
            self.origin
        };
        self.span(Part::Claim, "claim", SpanKind::Consumer, at)
            .after(before)
    }

    /// The segment, when it is over.
    pub(crate) fn held(
        self,
        at: (Timestamp, Timestamp),
        ending: &'static str,
        workflow: Option<String>,
    ) -> Span {
        named(
            self.span(Part::Segment, "segment", SpanKind::Internal, at),
            workflow,
        )
        .with("levqor.ending", ending)
    }

    /// The whole run, when it is over.
    pub(crate) fn ended(
        self,
        at: (Timestamp, Timestamp),
        ending: &'static str,
        workflow: Option<String>,
    ) -> Span {
        let span = self.span(Part::Run, "run", SpanKind::Internal, at);
        let error = (ending == "faulted").then_some("faulted");
        named(
            Span {
                parent: Some(self.origin.span),
                ..span
            },
            workflow,
        )
        .with("levqor.ending", ending)
        .failed(error)
    }

    fn part(self, epoch: i32, part: Part) -> TraceContext {
        self.origin.at(SpanId::of(self.run.0.as_u128(), epoch, part))
    }

    fn span(self, part: Part, name: &'static str, kind: SpanKind, at: (Timestamp, Timestamp)) -> Span {
        let run = self.part(0, Part::Run).span;
        let context = match part {
            Part::Run => self.part(0, part),
            Part::Claim | Part::Segment => self.part(self.epoch, part),
        };
        Span::new(context, Some(run), name, kind, micros(at))
            .with("levqor.run", self.run.to_string())
            .with("levqor.tenant", self.tenant.to_string())
            .with("levqor.epoch", i64::from(self.epoch))
    }
}

fn named(span: Span, workflow: Option<String>) -> Span {
    match workflow {
        Some(workflow) => span.with("levqor.workflow", workflow),
        None => span,
    }
}

fn micros((from, to): (Timestamp, Timestamp)) -> (i64, i64) {
    (from.0, to.0)
}

/// What is told of an attempt, taken before it begins: its request is consumed by it.
#[derive(Debug)]
pub(crate) struct Attempt {
    context: TraceContext,
    name: Cow<'static, str>,
    /// Method and host of an HTTP call. Path and query may name people, and stay here.
    http: Option<(String, Option<String>)>,
}

impl Attempt {
    /// None: its trace is not recorded.
    pub(crate) fn of(tracer: &Tracer, context: &Context, kind: &CallKind) -> Option<Self> {
        let trace = context.trace.filter(|trace| tracer.records(*trace))?;
        let (name, http) = match kind {
            CallKind::Http(request) => {
                let url = Url::parse(&request.uri).ok();
                let host = url.and_then(|url| Some(url.host_str()?.to_owned()));
                (Cow::Borrowed("http"), Some((request.method.clone(), host)))
            }
            CallKind::Activity { name, .. } => (Cow::Owned(name.clone()), None),
        };
        Some(Self {
            context: trace,
            name,
            http,
        })
    }

    /// The attempt, when it is over.
    pub(crate) fn over(
        self,
        context: &Context,
        at: (Timestamp, Timestamp),
        result: &Result<Value, CallFailure>,
    ) -> Span {
        let segment = SpanId::of(context.run.0.as_u128(), context.epoch, Part::Segment);
        let kind = if self.http.is_some() {
            SpanKind::Client
        } else {
            SpanKind::Internal
        };
        let mut span = Span::new(self.context, Some(segment), self.name, kind, micros(at))
            .with("levqor.run", context.run.to_string())
            .with("levqor.tenant", context.tenant.to_string())
            .with("levqor.path", context.path.clone())
            .with("levqor.attempt", i64::from(context.attempt))
            .failed(result.as_ref().err().map(|failure| failure.kind));
        let Some((method, host)) = self.http else {
            return span;
        };
        span = span.with("http.request.method", method);
        if let Some(host) = host {
            span = span.with("server.address", host);
        }
        let status = result
            .as_ref()
            .ok()
            .and_then(|answer| answer["statusCode"].as_i64());
        let Some(status) = status else { return span };
        // As OpenTelemetry asks of clients: every status of 400 and more is an error of the call.
        span.with("http.response.status_code", status)
            .failed((status >= 400).then(|| status.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use levqor_trace::Sink;
    use uuid::Uuid;

    use super::*;

    struct Nobody;

    impl Sink for Nobody {
        fn record(&self, _: Span) {}
    }

    fn claimed(epoch: i32, header: &str) -> ClaimedRun {
        ClaimedRun {
            id: RunId(Uuid::from_u128(7)),
            tenant: TenantId(Uuid::from_u128(8)),
            workflow: levqor_store::WorkflowId(Uuid::from_u128(9)),
            key: None,
            trace: TraceContext::parse(header),
            epoch,
            seq: 0,
            deaths: 0,
            priority: 1,
            input: Vec::new(),
            history: None,
            journal: Vec::new(),
            inbox: Vec::new(),
            callback_url: None,
            created_at: Timestamp(0),
            now: Timestamp(0),
        }
    }

    const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn spans_of_two_claims_meet_in_one_run_and_follow_each_other() {
        let tracer = Tracer::new(1.0, Arc::new(Nobody));
        let [first, second] = [1, 2].map(|epoch| Traced::of(&tracer, &claimed(epoch, SAMPLED)).unwrap());
        let at = (Timestamp(1), Timestamp(2));
        let run = second.ended(at, "completed", None);
        let origin = TraceContext::parse(SAMPLED).unwrap();
        assert_eq!(run.parent, Some(origin.span));
        for traced in [first, second] {
            for span in [traced.claimed(at), traced.held(at, "parked", None)] {
                assert_eq!(span.parent, Some(run.context.span));
                assert_eq!(span.context.trace, origin.trace);
            }
        }
        assert_eq!(first.claimed(at).links, [origin]);
        assert_eq!(second.claimed(at).links, [first.segment()]);
        assert_eq!(first.held(at, "parked", None).context, first.segment());
    }

    #[test]
    fn what_nobody_records_is_not_traced() {
        let on = Tracer::new(1.0, Arc::new(Nobody));
        assert!(Traced::of(&on, &claimed(1, &SAMPLED.replace("-01", "-00"))).is_none());
        assert!(Traced::of(&on, &claimed(1, "")).is_none());
        assert!(Traced::of(&Tracer::default(), &claimed(1, SAMPLED)).is_none());
    }
}
