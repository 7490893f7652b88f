//! Steps, their journal, and runs that cannot go on.

use std::collections::HashSet;

use levqor_queue::COMING;
use levqor_store::{OutboxKind, RunId, RunState};
use levqor_testkit::eventually;
use levqor_worker::registry;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, PATIENCE};

const THREE_STEPS: &str = "
- first: {call: echo, with: {n: '${ .n }'}}
- second: {set: {n: '${ .n + 1 }'}}
- third: {call: echo, with: {n: '${ .n * 10 }'}}
";

#[tokio::test(flavor = "multi_thread")]
async fn three_steps_are_journaled_and_give_an_output() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    let run = bench.start(THREE_STEPS, json!({"n": 1})).await;
    assert_eq!(bench.output(run).await, json!({"n": 20}));
    let journal = bench.journal(run).await;
    let facts: HashSet<_> = journal
        .iter()
        .map(|entry| (entry.path.clone(), format!("{:?}", entry.fact)))
        .collect();
    assert_eq!(
        facts.len(),
        journal.len(),
        "no fact is journaled twice: {journal:?}"
    );
    assert_eq!(worker.stats().attempts.get(), 2);
    assert_eq!(worker.stats().completed.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_hint_starts_its_run_and_one_for_a_run_that_never_comes_costs_no_slot() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    bench.ring(RunId(Uuid::nil()), COMING).await;
    let workflow = bench.workflow(THREE_STEPS).await;
    let run = bench.accept(workflow, &json!({"n": 1}), None).await;
    bench.ring(run, COMING).await;
    assert_eq!(bench.output(run).await, json!({"n": 20}));
    let given_up = async || worker.stats().empty_claims.get() == 1;
    eventually(PATIENCE, given_up).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_reported_to_the_callback() {
    let bench = Bench::new().await;
    let _worker = bench.worker(registry()).await;
    let workflow = bench.workflow("- greet: {set: {hello: world}}\n").await;
    let run = bench
        .run_with(workflow, json!({}), Some("http://127.0.0.1:9/hook"))
        .await;
    bench.reaches(run, RunState::Completed).await;
    let outbox = bench.outbox().await;
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].kind, OutboxKind::Callback);
    assert_eq!(outbox[0].target.as_deref(), Some("http://127.0.0.1:9/hook"));
    let body: Value = serde_json::from_slice(&outbox[0].body).unwrap();
    assert_eq!(body["id"], json!(run));
    assert_eq!(body["state"], "completed");
    assert_eq!(body["output"], json!({"hello": "world"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_share_the_slots_of_one_worker() {
    let bench = Bench::new().await;
    let options = levqor_worker::WorkerOptions {
        slots: 10,
        ..Bench::options()
    };
    let worker = bench.worker_with(registry(), options).await;
    let workflow = bench.workflow("- only: {call: noop}\n").await;
    let mut runs = Vec::new();
    for _ in 0..200 {
        runs.push(bench.run(workflow, json!({})).await);
    }
    for run in runs {
        assert_eq!(bench.output(run).await, Value::Null);
    }
    assert_eq!(worker.stats().claims.get(), 200);
    assert_eq!(worker.stats().fenced.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn input_that_does_not_fit_an_activity_faults_without_a_retry() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    let tasks = "
- nap:
    try:
      - doze: {call: sleep, with: {milliseconds: soon}}
    catch: {errors: {}, retry: {delay: PT0.01S, limit: {attempt: {count: 3}}}}
";
    let run = bench.start(tasks, json!({})).await;
    let view = bench.reaches(run, RunState::Faulted).await;
    let error: Value = serde_json::from_slice(&view.error.unwrap()).unwrap();
    assert_eq!(error["status"], 400, "{error}");
    assert!(
        error["type"].as_str().unwrap().ends_with("/validation"),
        "{error}"
    );
    assert_eq!(worker.stats().attempts.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_activity_is_an_error_of_its_task() {
    let bench = Bench::new().await;
    let _worker = bench.worker(registry()).await;
    let run = bench.start("- a: {call: frobnicate}\n", json!({})).await;
    let error = bench.error(run).await;
    assert!(
        error["type"].as_str().unwrap().ends_with("/configuration"),
        "{error}"
    );
    assert!(
        error["detail"].as_str().unwrap().contains("frobnicate"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_be_read_faults_its_runs_once() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    let workflow = bench.put("broken", br#"{"document": 1}"#.to_vec()).await;
    let run = bench.run(workflow, json!({})).await;
    let error = bench.error(run).await;
    assert!(error["type"].as_str().unwrap().ends_with("/runtime"), "{error}");
    assert_eq!(worker.stats().claims.get(), 1);
}
