//! Calls: HTTP, retries, timeouts, panics.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use levqor_egress::{Egress, Policy};
use levqor_store::RunState;
use levqor_testkit::{Answer, LocalServer};
use levqor_worker::{Environment, Worker, activity::ActivityError, registry};
use serde_json::{Value, json};

use crate::{
    activities::{Flaky, Gate},
    bench::{Bench, PATIENCE},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_http_call_carries_its_key_and_gives_its_content() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|_| Answer::json(r#"{"ok": true}"#))
        .await
        .unwrap();
    let _worker = bench.worker(registry()).await;
    let tasks = format!(
        "
- post:
    call: http
    with: {{method: post, endpoint: '{}/pets', query: {{q: a b}}, headers: {{Authorization: Bearer s}}, body: {{n: 1}}, output: response}}
",
        server.url()
    );
    let run = bench.start(&tasks, json!({})).await;
    let output = bench.output(run).await;
    assert_eq!(output["statusCode"], 200);
    assert_eq!(output["content"], json!({"ok": true}));
    assert_eq!(output["request"]["headers"]["authorization"], "[redacted]");
    let request = &server.wait_for(1, PATIENCE).await.unwrap()[0];
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/pets?q=a+b")
    );
    assert_eq!(request.header("authorization"), Some("Bearer s"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).unwrap(),
        json!({"n": 1})
    );
    assert!(
        request
            .header("idempotency-key")
            .unwrap()
            .starts_with(&run.to_string())
    );
    assert_eq!(request.header("levqor-run"), Some(run.to_string().as_str()));
    assert_eq!(request.header("levqor-epoch"), Some("1"));
    assert_eq!(request.header("levqor-attempt"), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_http_call_keeps_its_idempotency_key() {
    let bench = Bench::new().await;
    let asked = AtomicUsize::new(0);
    let server = LocalServer::start(move |_| match asked.fetch_add(1, SeqCst) {
        0 => Answer::status(503),
        1 => Answer::dropped(),
        _ => Answer::json("7"),
    });
    let server = server.await.unwrap();
    let _worker = bench.worker(registry()).await;
    let tasks = format!(
        "
- careful:
    try:
      - get: {{call: http, with: {{method: get, endpoint: '{}/'}}}}
    catch: {{errors: {{}}, retry: {{delay: PT0S, limit: {{attempt: {{count: 5}}}}}}}}
",
        server.url()
    );
    let run = bench.start(&tasks, json!({})).await;
    assert_eq!(bench.output(run).await, json!(7));
    let requests = server.requests();
    let key = requests[0].header("idempotency-key").unwrap();
    assert_eq!(requests.len(), 3);
    assert!(
        requests
            .iter()
            .all(|request| request.header("idempotency-key") == Some(key))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_error_has_the_real_status() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|_| Answer::status(404)).await.unwrap();
    let _worker = bench.worker(registry()).await;
    let tasks = format!(
        "- get: {{call: http, with: {{method: get, endpoint: '{}/'}}}}\n",
        server.url()
    );
    let run = bench.start(&tasks, json!({})).await;
    let error = bench.error(run).await;
    assert_eq!(error["status"], 404);
    assert!(
        error["type"].as_str().unwrap().ends_with("/communication"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_call_that_is_answered_with_an_error_is_a_failed_attempt() {
    let bench = Bench::new().await;
    let asked = AtomicUsize::new(0);
    let server = LocalServer::start(move |_| match asked.fetch_add(1, SeqCst) {
        0 => Answer::status(500),
        _ => Answer::json("7"),
    });
    let server = server.await.unwrap();
    let worker = bench.worker(registry()).await;
    let tasks = format!(
        "
- careful:
    try:
      - get: {{call: http, with: {{method: get, endpoint: '{}/'}}}}
    catch: {{errors: {{}}, retry: {{delay: PT0S, limit: {{attempt: {{count: 2}}}}}}}}
- pure: {{call: echo, with: {{statusCode: 500}}}}
",
        server.url()
    );
    let run = bench.start(&tasks, json!({})).await;
    bench.output(run).await;
    let stats = worker.stats();
    assert_eq!((stats.attempts.get(), stats.failed_attempts.get()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_activity_is_a_failed_attempt() {
    let bench = Bench::new().await;
    let flaky = Flaky::new(2, || panic!("out of cheese"));
    let worker = bench.worker(registry().with(flaky.clone())).await;
    let tasks = "
- careful:
    try:
      - bang: {call: flaky}
    catch: {errors: {}, retry: {delay: PT0S, limit: {attempt: {count: 5}}}}
";
    let run = bench.start(tasks, json!({})).await;
    assert_eq!(bench.output(run).await, json!(3));
    assert_eq!(worker.stats().panics.get(), 2);
    let keys = flaky.keys.lock().clone();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_failure_is_not_tried_again() {
    let bench = Bench::new().await;
    let flaky = Flaky::new(9, || {
        ActivityError::fail("no such account").kind("validation", 400)
    });
    let _worker = bench.worker(registry().with(flaky.clone())).await;
    let tasks = "
- careful:
    try:
      - bang: {call: flaky}
    catch: {errors: {}, retry: {delay: PT0S, limit: {attempt: {count: 5}}}}
";
    let run = bench.start(tasks, json!({})).await;
    let error = bench.error(run).await;
    assert_eq!(error["detail"], "no such account");
    assert_eq!(flaky.keys.lock().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_cancels_the_activity() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench
        .start(
            "- slow: {call: gate, timeout: {after: {milliseconds: 100}}}\n",
            json!({}),
        )
        .await;
    let error = bench.error(run).await;
    assert_eq!(error["status"], 408);
    assert!(error["type"].as_str().unwrap().ends_with("/timeout"), "{error}");
    assert_eq!(worker.stats().stopped_attempts.get(), 1);
    assert_eq!(worker.busy(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_ignores_its_timeout_is_dropped() {
    let bench = Bench::new().await;
    let gate = Gate::deaf();
    let _worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench
        .start(
            "- slow: {call: gate, timeout: {after: {milliseconds: 100}}}\n",
            json!({}),
        )
        .await;
    bench.reaches(run, RunState::Faulted).await;
    assert_eq!(gate.keys.lock().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_seen_while_an_activity_runs_and_forgotten_after_it() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench.start("- slow: {call: gate}\n", json!({})).await;
    gate.arrivals(1).await;
    let progress = worker.progress().get(run).unwrap();
    assert_eq!((progress.percent, progress.message.as_str()), (50, "at the gate"));
    gate.open();
    bench.reaches(run, RunState::Completed).await;
    assert_eq!(worker.progress().get(run), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_policy_refuses_is_not_tried_again() {
    let bench = Bench::new().await;
    let environment = Environment {
        egress: Egress::new(Policy::default()),
        ..bench.environment(registry())
    };
    let worker = Worker::start(Bench::options(), environment).await.unwrap();
    let tasks = "
- careful:
    try:
      - get: {call: http, with: {method: get, endpoint: 'http://127.0.0.1:9/'}}
    catch: {errors: {}, retry: {delay: PT0S, limit: {attempt: {count: 5}}}}
";
    let run = bench.start(tasks, json!({})).await;
    let error = bench.error(run).await;
    assert!(
        error["type"].as_str().unwrap().ends_with("/configuration"),
        "{error}"
    );
    assert_eq!(worker.stats().attempts.get(), 1);
}
