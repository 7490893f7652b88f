use std::time::Duration;

use levqor_egress::Policy;
use levqor_testkit::{Answer, LocalServer, eventually};
use levqor_trace::{SpanId, SpanKind, TraceContext};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
    },
    common::v1::any_value::Value,
};
use prost::Message as _;

use super::*;

const SOON: Duration = Duration::from_secs(10);

fn span(id: u64) -> Span {
    let trace = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    let context = trace.at(SpanId::from_random(id));
    Span::new(
        context,
        Some(trace.span),
        "claim",
        SpanKind::Consumer,
        (1_000, 3_000),
    )
    .with("levqor.run", "r")
    .with("levqor.epoch", 2)
    .after(trace)
}

fn export(to: &str) -> TraceExport {
    let collector = Collector {
        url: format!("{to}/v1/traces"),
        headers: vec![("x-api-key".to_owned(), "s3".to_owned())],
        resource: vec![("service.name", "levqor".to_owned())],
    };
    let policy = Policy {
        allow_loopback: true,
        ..Policy::default()
    };
    export_traces(collector, Egress::new(policy))
}

#[tokio::test]
async fn spans_arrive_as_otlp_with_headers_resource_links_and_errors() {
    let server = LocalServer::start(|_| Answer::status(200)).await.unwrap();
    let export = export(&server.url());
    export.record(span(7).failed(Some("timeout")));
    export.flush(SOON).await;
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].path.as_str()), (1, "/v1/traces"));
    assert_eq!(requests[0].header("content-type"), Some("application/x-protobuf"));
    assert_eq!(requests[0].header("x-api-key"), Some("s3"));
    let told = ExportTraceServiceRequest::decode(requests[0].body.clone()).unwrap();
    let resource = &told.resource_spans[0];
    assert_eq!(
        resource.resource.as_ref().unwrap().attributes[0].key,
        "service.name"
    );
    let got = &resource.scope_spans[0].spans[0];
    assert_eq!(got.trace_id, span(7).context.trace.to_bytes());
    assert_eq!(got.span_id, 7_u64.to_be_bytes());
    assert_eq!(got.parent_span_id, got.links[0].span_id);
    assert_eq!(
        (got.start_time_unix_nano, got.end_time_unix_nano),
        (1_000_000, 3_000_000)
    );
    let value = |name: &str| {
        let pair = got.attributes.iter().find(|pair| pair.key == name).unwrap();
        pair.value.clone().unwrap().value.unwrap()
    };
    assert_eq!(value("levqor.run"), Value::StringValue("r".to_owned()));
    assert_eq!(value("levqor.epoch"), Value::IntValue(2));
    assert_eq!(value("error.type"), Value::StringValue("timeout".to_owned()));
    assert_eq!(got.status.as_ref().unwrap().code, 2);
    assert_eq!((export.counts().sent(), export.counts().dropped()), (1, 0));
}

#[tokio::test]
async fn what_a_collector_rejects_is_counted_and_what_it_cannot_take_now_is_sent_again() {
    let server = LocalServer::start(|_| Answer::status(503)).await.unwrap();
    let export = export(&server.url());
    export.record(span(1));
    export.record(span(2));
    server.wait_for(1, SOON).await.unwrap();
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 1,
            ..ExportTracePartialSuccess::default()
        }),
    };
    let body = partial.encode_to_vec();
    server.respond(move |_| Answer::status(200).body(body.clone()));
    let counts = export.counts();
    eventually(SOON, async || counts.sent() + counts.dropped() == 2)
        .await
        .unwrap();
    assert!(counts.dropped() >= 1);
    assert!(server.requests().len() >= 2);
}

#[tokio::test]
async fn a_refused_batch_is_dropped_at_once_and_one_for_nobody_after_its_tries() {
    let server = LocalServer::start(|_| Answer::status(400)).await.unwrap();
    let refused = export(&server.url());
    refused.record(span(1));
    refused.flush(SOON).await;
    assert_eq!((refused.counts().dropped(), server.requests().len()), (1, 1));
    let url = server.url();
    drop(server);
    let away = export(&url);
    away.record(span(1));
    away.flush(SOON).await;
    assert_eq!((away.counts().sent(), away.counts().dropped()), (0, 1));
}

#[tokio::test]
async fn more_spans_than_may_wait_are_dropped_and_counted_without_waiting() {
    let server = LocalServer::start(|_| Answer::status(200)).await.unwrap();
    let export = export(&server.url());
    // The task that sends gets no turn before this one waits for something.
    for id in 0..u64::try_from(WAITING).unwrap() + 10 {
        export.record(span(id + 1));
    }
    assert_eq!(export.counts().dropped(), 10);
    export.flush(SOON).await;
    assert_eq!(export.counts().sent(), u64::try_from(WAITING).unwrap());
}
