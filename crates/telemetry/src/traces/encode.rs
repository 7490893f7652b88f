//! Spans as OTLP's messages.

use levqor_trace::{Attribute, Span, SpanKind, TraceContext};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{self as otlp, ResourceSpans, ScopeSpans, Status, span, status::StatusCode},
};

/// One request with all of them.
pub(super) fn request(resource: &[(&'static str, String)], spans: Vec<Span>) -> ExportTraceServiceRequest {
    let attributes = resource
        .iter()
        .map(|(name, value)| pair(name, Attribute::Text(value.clone())));
    let resource = Resource {
        attributes: attributes.collect(),
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: "levqor".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let scoped = ScopeSpans {
        scope: Some(scope),
        spans: spans.into_iter().map(encoded).collect(),
        ..ScopeSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![scoped],
            ..ResourceSpans::default()
        }],
    }
}

fn encoded(span: Span) -> otlp::Span {
    let error = span.error.map(|kind| {
        let status = Status {
            code: StatusCode::Error.into(),
            ..Status::default()
        };
        (status, pair("error.type", Attribute::Text(kind.into_owned())))
    });
    let (status, kind) = error.unzip();
    let attributes = span.attributes.into_iter().map(|(name, value)| pair(name, value));
    otlp::Span {
        trace_id: span.context.trace.to_bytes().to_vec(),
        span_id: span.context.span.to_bytes().to_vec(),
        parent_span_id: span
            .parent
            .map_or_else(Vec::new, |parent| parent.to_bytes().to_vec()),
        flags: span.context.flags().into(),
        name: span.name.into_owned(),
        kind: kind_of(span.kind).into(),
        start_time_unix_nano: nanoseconds(span.start),
        // Clocks of two processes differ: a span never ends before it began.
        end_time_unix_nano: nanoseconds(span.end.max(span.start)),
        attributes: attributes.chain(kind).collect(),
        links: span.links.into_iter().map(link).collect(),
        status,
        ..otlp::Span::default()
    }
}

fn link(to: TraceContext) -> span::Link {
    span::Link {
        trace_id: to.trace.to_bytes().to_vec(),
        span_id: to.span.to_bytes().to_vec(),
        flags: to.flags().into(),
        ..span::Link::default()
    }
}

fn kind_of(kind: SpanKind) -> span::SpanKind {
    match kind {
        SpanKind::Internal => span::SpanKind::Internal,
        SpanKind::Server => span::SpanKind::Server,
        SpanKind::Client => span::SpanKind::Client,
        SpanKind::Producer => span::SpanKind::Producer,
        SpanKind::Consumer => span::SpanKind::Consumer,
    }
}

/// From microseconds.
fn nanoseconds(at: i64) -> u64 {
    u64::try_from(at).unwrap_or(0).saturating_mul(1_000)
}

fn pair(name: &str, value: Attribute) -> KeyValue {
    let value = match value {
        Attribute::Text(text) => Value::StringValue(text),
        Attribute::Number(number) => Value::IntValue(number),
    };
    KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}
