//! Traces as a collector and a called server see them: from the request over the queue to each step, over processes.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Answer, LocalServer, TempFolder, eventually, free_port};
use levqor_tests::{Client, Embedded, Fleet, Role};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value as Any},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use reqwest::Method;
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

/// A caller's span.
const CALLER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What the document says itself.
const OWN: &str = "00-11111111111111111111111111111111-2222222222222222-00";

/// Two calls, the second with a header of its own, and an activity.
fn document(base: &str) -> String {
    format!(
        "document: {{ dsl: 1.0.3, namespace: test, name: traced, version: 1.0.0 }}
do:
  - first: {{ call: http, with: {{ method: get, endpoint: '{base}/first?secret=hunter2' }} }}
  - second: {{ call: http, with: {{ method: get, endpoint: '{base}/second', headers: {{ Traceparent: '{OWN}' }} }} }}
  - third: {{ call: noop }}
"
    )
}

/// Starts the run; its id.
async fn start(client: &Client, traceparent: Option<&str>, callback: Option<&str>) -> Result<String> {
    let mut body = json!({"workflow": "test/traced", "payload": {}});
    if let Some(url) = callback {
        body["callback_url"] = json!(url);
    }
    let mut request = client.request(Method::POST, "/api/v1/intake").json(&body);
    if let Some(traceparent) = traceparent {
        request = request.header("traceparent", traceparent);
    }
    let answer = request.send().await?;
    ensure!(answer.status() == 202, "{}", answer.status());
    let body: Value = answer.json().await?;
    Ok(body["job_id"].as_str().context("no job_id")?.to_owned())
}

/// A span that a collector got, and the role of the process that sent it.
#[derive(Clone, Debug)]
struct Told {
    role: String,
    span: Span,
}

fn attribute(of: &[KeyValue], name: &str) -> Option<String> {
    let value = of.iter().find(|pair| pair.key == name)?.value.as_ref()?;
    match value.value.as_ref()? {
        Any::StringValue(text) => Some(text.clone()),
        Any::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

impl Told {
    fn says(&self, name: &str) -> Option<String> {
        attribute(&self.span.attributes, name)
    }
}

/// All spans that the collector got.
fn told(collector: &LocalServer) -> Result<Vec<Told>> {
    let mut all = Vec::new();
    for request in collector.requests() {
        ensure!(request.path == "/v1/traces" && request.method == "POST");
        ensure!(request.header("x-scope") == Some("levqor-test"));
        for resource in ExportTraceServiceRequest::decode(request.body)?.resource_spans {
            let of = resource.resource.context("no resource")?.attributes;
            ensure!(attribute(&of, "service.name").as_deref() == Some("levqor"));
            let role = attribute(&of, "levqor.role").context("no role")?;
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            all.extend(spans.map(|span| Told {
                role: role.clone(),
                span,
            }));
        }
    }
    Ok(all)
}

/// Waits until the collector has so many spans of one name.
async fn until(collector: &LocalServer, name: &str, count: usize) -> Result<Vec<Told>> {
    let enough = async || {
        told(collector).is_ok_and(|all| all.iter().filter(|told| told.span.name == name).count() >= count)
    };
    let waited = eventually(SOON, enough).await;
    let all = told(collector)?;
    waited.with_context(|| format!("no {count} spans named {name} among {all:?}"))?;
    Ok(all)
}

/// The one span of this name.
fn only<'a>(all: &'a [Told], name: &str) -> Result<&'a Told> {
    let mut named = all.iter().filter(|told| told.span.name == name);
    let one = named.next().with_context(|| format!("no span {name}"))?;
    ensure!(named.next().is_none(), "two spans {name}");
    Ok(one)
}

/// Trace id and span id of a header of version 00.
fn ids(traceparent: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    ensure!(parts.len() == 4 && parts[0] == "00", "{traceparent}");
    Ok((hex::decode(parts[1])?, hex::decode(parts[2])?))
}

async fn collector() -> Result<LocalServer> {
    LocalServer::start(|_| Answer::status(200)).await
}

#[tokio::test]
async fn one_trace_holds_request_claim_and_steps_of_a_run_over_processes_and_goes_on_where_it_calls()
-> Result<()> {
    let (collector, called) = (collector().await?, collector().await?);
    let settings = [
        ("LEVQOR_OTLP_ENDPOINT", collector.url()),
        ("LEVQOR_OTLP_HEADERS", "x-scope=levqor-test".to_owned()),
        // Far too few to begin one by chance: what is recorded the caller asked for.
        ("LEVQOR_TRACE_RATIO", "0.000001".to_owned()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let fleet = Fleet::start_with(1, &settings).await?;
    fleet.client.store(&document(&called.url())).await?;
    let done = format!("{}/done", called.url());
    let run = start(&fleet.client, Some(CALLER), Some(&done)).await?;
    let ended = fleet.client.ended(&run, SOON).await?;
    ensure!(ended["state"] == "completed", "{ended}");
    until(&collector, "run", 1).await?;
    until(&collector, "createRun", 1).await?;
    let all = until(&collector, "callback", 1).await?;
    is_one_tree(&all)?;
    tells_of_the_run(&all, &run)?;
    goes_on(&called, &all)?;
    let lines = fleet.output(Role::Api).await;
    let trace = &CALLER[3..35];
    ensure!(
        lines
            .lines()
            .any(|line| line.contains(trace) && line.contains("createRun")),
        "{lines}"
    );
    Ok(())
}

/// The caller's trace, each span in the process that did it, under the span around it.
fn is_one_tree(all: &[Told]) -> Result<()> {
    let (trace, caller) = ids(CALLER)?;
    ensure!(all.iter().all(|told| told.span.trace_id == trace), "{all:?}");
    let request = only(all, "createRun")?;
    ensure!(request.role == "api" && request.span.parent_span_id == caller);
    // The name of a span, its role, its parent's name.
    let tree = [
        ("intake", "api", "createRun"),
        ("run", "worker", "createRun"),
        ("claim", "worker", "run"),
        ("segment", "worker", "run"),
        ("noop", "worker", "segment"),
        ("callback", "scheduler", "segment"),
    ];
    for (name, role, parent) in tree {
        let (told, parent) = (only(all, name)?, only(all, parent)?);
        ensure!(told.role == role, "{told:?}");
        ensure!(told.span.parent_span_id == parent.span.span_id, "{told:?}");
    }
    let claim = only(all, "claim")?;
    let linked = |to: &Told| {
        claim
            .span
            .links
            .iter()
            .any(|link| link.span_id == to.span.span_id)
    };
    ensure!(linked(request), "{claim:?}");
    Ok(())
}

/// Kinds and attributes, and nothing of the query.
fn tells_of_the_run(all: &[Told], run: &str) -> Result<()> {
    let (request, whole) = (only(all, "createRun")?, only(all, "run")?);
    ensure!(request.span.kind == SpanKind::Server as i32);
    ensure!(request.says("http.response.status_code").as_deref() == Some("202"));
    ensure!(only(all, "claim")?.span.kind == SpanKind::Consumer as i32);
    ensure!(whole.says("levqor.run").as_deref() == Some(run));
    ensure!(whole.says("levqor.workflow").as_deref() == Some("test/traced:1.0.0"));
    ensure!(
        !format!("{all:?}").contains("hunter2"),
        "a query left the installation"
    );
    Ok(())
}

/// The servers that were called know the spans of the calls, unless the document told them otherwise.
fn goes_on(called: &LocalServer, all: &[Told]) -> Result<()> {
    let calls: Vec<&Told> = all.iter().filter(|told| told.span.name == "http").collect();
    ensure!(calls.len() == 2, "{all:?}");
    for call in &calls {
        ensure!(call.span.kind == SpanKind::Client as i32);
        ensure!(call.span.parent_span_id == only(all, "segment")?.span.span_id);
        ensure!(call.says("server.address").as_deref() == Some("127.0.0.1"));
    }
    let is_first = |told: &&&Told| {
        told.says("levqor.path")
            .is_some_and(|path| path.contains("first"))
    };
    let first = calls.iter().find(is_first).context("no first")?;
    let sent = |path: &str| {
        let mut requests = called.requests().into_iter();
        let request = requests.rfind(|request| request.path.starts_with(path));
        let header = request.and_then(|request| request.header("traceparent").map(str::to_owned));
        header.with_context(|| format!("no traceparent at {path}"))
    };
    let (trace, _) = ids(CALLER)?;
    ensure!(ids(&sent("/first")?)? == (trace.clone(), first.span.span_id.clone()));
    ensure!(
        sent("/second")? == OWN,
        "a header of the document was overwritten"
    );
    ensure!(ids(&sent("/done")?)? == (trace, only(all, "callback")?.span.span_id.clone()));
    Ok(())
}

#[tokio::test]
async fn without_a_caller_the_share_begins_traces_and_each_run_has_its_own() -> Result<()> {
    let (collector, called, folder) = (collector().await?, collector().await?, TempFolder::new()?);
    let url = collector.url();
    let settings = [
        ("LEVQOR_OTLP_ENDPOINT", url.as_str()),
        ("LEVQOR_OTLP_HEADERS", "x-scope=levqor-test"),
    ];
    let server = Embedded::start_with(folder.path(), &settings).await?;
    server.client.store(&document(&called.url())).await?;
    for _ in 0..2 {
        let run = start(&server.client, None, None).await?;
        server.client.ended(&run, SOON).await?;
    }
    let all = until(&collector, "run", 2).await?;
    let traces: Vec<_> = all
        .iter()
        .filter(|told| told.span.name == "run")
        .map(|told| told.span.trace_id.clone())
        .collect();
    ensure!(traces[0] != traces[1], "two runs in one trace");
    let header = called.requests()[0].header("traceparent").map(str::to_owned);
    let (trace, _) = ids(&header.context("no traceparent")?)?;
    ensure!(traces.contains(&trace));
    Ok(())
}

#[tokio::test]
async fn a_share_of_nothing_sends_nothing_and_passes_the_callers_context_on_as_it_came() -> Result<()> {
    let (collector, called, folder) = (collector().await?, collector().await?, TempFolder::new()?);
    let url = collector.url();
    let settings = [
        ("LEVQOR_OTLP_ENDPOINT", url.as_str()),
        ("LEVQOR_TRACE_RATIO", "0"),
    ];
    let server = Embedded::start_with(folder.path(), &settings).await?;
    server.client.store(&document(&called.url())).await?;
    let run = start(&server.client, Some(CALLER), None).await?;
    server.client.ended(&run, SOON).await?;
    ensure!(called.requests()[0].header("traceparent") == Some(CALLER));
    let run = start(&server.client, None, None).await?;
    server.client.ended(&run, SOON).await?;
    let first: Vec<_> = called
        .requests()
        .into_iter()
        .filter(|request| request.path.starts_with("/first"))
        .collect();
    ensure!(first.len() == 2 && first[1].header("traceparent").is_none());
    // At its end a process sends all that waits.
    server.process.terminate()?;
    server.process.wait(SOON).await?;
    ensure!(collector.requests().is_empty(), "{:?}", told(&collector));
    Ok(())
}

#[tokio::test]
async fn a_collector_that_is_away_fails_no_run_and_what_is_lost_is_counted() -> Result<()> {
    let (called, folder) = (collector().await?, TempFolder::new()?);
    let nobody = format!("http://127.0.0.1:{}", free_port()?);
    let server = Embedded::start_with(folder.path(), &[("LEVQOR_OTLP_ENDPOINT", nobody.as_str())]).await?;
    server.client.store(&document(&called.url())).await?;
    let run = start(&server.client, None, None).await?;
    let ended = server.client.ended(&run, SOON).await?;
    ensure!(ended["state"] == "completed", "{ended}");
    eventually(SOON, async || {
        server
            .client
            .metric("levqor_trace_spans_dropped_total")
            .await
            .is_ok_and(|lost| lost > 0.0)
    })
    .await?;
    ensure!(server.client.metric("levqor_trace_spans_sent_total").await? < 1.0);
    Ok(())
}
