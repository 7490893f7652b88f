//! Crashes, fences and leases.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use levqor_expressions::{Evaluate, Expression, ExpressionError, Variables};
use levqor_store::{RunState, StoreError};
use levqor_testkit::{Answer, LocalServer, eventually};
use levqor_worker::{Environment, Worker, WorkerOptions, registry};
use serde_json::{Value, json};

use crate::{
    activities::Gate,
    bench::{Bench, PATIENCE},
};

/// A worker that never beats and never looks: what a paused process is like.
fn zombie() -> WorkerOptions {
    let never = Duration::from_hours(1);
    WorkerOptions {
        beat_every: never,
        watch_every: never,
        lease: never * 2,
        ..Bench::options()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_worker_continues_the_journal_and_repeats_the_call_with_its_key() {
    let bench = Bench::new().await;
    let server = LocalServer::start(|_| Answer::json("1").after(Duration::from_hours(1)))
        .await
        .unwrap();
    let first = bench.worker(registry()).await;
    let tasks = format!(
        "
- before: {{call: echo, with: {{n: 1}}}}
- get: {{call: http, with: {{method: get, endpoint: '{}/'}}}}
",
        server.url()
    );
    let run = bench.start(&tasks, json!({})).await;
    server.wait_for(1, PATIENCE).await.unwrap();
    let id = first.id();
    first.abort().await;
    assert_eq!(bench.view(run).await.state, RunState::Running);

    server.respond(|_| Answer::json("2"));
    let second = bench.worker(registry()).await;
    assert_eq!(bench.bury_and_rescue(id).await, 1);
    assert_eq!(bench.output(run).await, json!(2));
    assert_eq!(
        second.stats().attempts.get(),
        1,
        "the step before is not repeated"
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(
        requests[0].header("idempotency-key"),
        requests[1].header("idempotency-key")
    );
    assert_ne!(
        requests[0].header("levqor-epoch"),
        requests[1].header("levqor-epoch")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_write_with_an_old_epoch_changes_nothing_and_is_counted() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker_with(registry().with(gate.clone()), zombie()).await;
    let run = bench
        .start(
            "- slow: {call: gate, with: {n: 1}}\n- next: {call: echo, with: {n: 2}}\n",
            json!({}),
        )
        .await;
    gate.arrivals(1).await;
    bench.bury(worker.id()).await;
    let epoch = bench.rescue_quietly().await;
    gate.open();
    let stats = worker.stats();
    eventually(PATIENCE, || async { stats.fenced.get() == 1 })
        .await
        .unwrap();
    assert_eq!(worker.busy(), 0);
    assert_eq!(bench.journal(run).await, []);
    assert_eq!(bench.view(run).await.state, RunState::Pending);

    // It would take the hint, and the run with it, until the next rescue pass (P10).
    worker.abort().await;
    let _other = bench.worker(registry().with(Gate::new_open())).await;
    bench.ring(run, epoch).await;
    assert_eq!(bench.output(run).await, json!({"n": 2}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_declared_dead_forgets_its_runs_and_says_so() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let options = WorkerOptions {
        beat_every: Duration::from_millis(20),
        ..Bench::options()
    };
    let worker = bench.worker_with(registry().with(gate.clone()), options).await;
    bench.start("- slow: {call: gate}\n", json!({})).await;
    gate.arrivals(1).await;
    bench.bury(worker.id()).await;
    tokio::time::timeout(PATIENCE, worker.lost().cancelled())
        .await
        .unwrap();
    assert_eq!(worker.busy(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_cannot_beat_stops_its_activities_and_repeats_them_when_it_can() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let reachable = Arc::new(AtomicBool::new(false));
    let mut environment = bench.environment(registry().with(gate.clone()));
    let (store, allowed) = (bench.store.clone(), reachable.clone());
    environment.beat_store = Some(Arc::new(move || {
        let opened = if allowed.load(SeqCst) {
            Ok(store.clone())
        } else {
            Err(StoreError::Unavailable("cut".into()))
        };
        Box::pin(async { opened })
    }));
    let options = WorkerOptions {
        lease: Duration::from_millis(500),
        lease_margin: Duration::from_millis(200),
        beat_every: Duration::from_millis(20),
        ..Bench::options()
    };
    let worker = Worker::start(options, environment).await.unwrap();
    let run = bench
        .start("- slow: {call: gate, with: {n: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    let stats = worker.stats();
    eventually(PATIENCE, || async { stats.stopped_attempts.get() == 1 })
        .await
        .unwrap();

    reachable.store(true, SeqCst);
    gate.arrivals(2).await;
    gate.open();
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    let keys = gate.keys.lock().clone();
    assert_eq!(keys[0], keys[1]);
    assert_eq!(stats.claims.get(), 1, "the run was never given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_run_that_another_took_stops_its_activity() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let options = WorkerOptions {
        watch_every: Duration::from_millis(50),
        ..zombie()
    };
    let worker = bench.worker_with(registry().with(gate.clone()), options).await;
    bench.start("- slow: {call: gate}\n", json!({})).await;
    gate.arrivals(1).await;
    bench.bury(worker.id()).await;
    bench.rescue_quietly().await;
    let stats = worker.stats();
    eventually(PATIENCE, || async { stats.fenced.get() == 1 })
        .await
        .unwrap();
    assert_eq!(worker.busy(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn p10_a_run_that_no_task_holds_is_released() {
    let bench = Bench::new().await;
    let options = WorkerOptions {
        sweep_every: Duration::from_millis(50),
        ..Bench::options()
    };
    let gate = Gate::new();
    let worker = bench.worker_with(registry().with(gate.clone()), options).await;
    let workflow = bench.workflow("- slow: {call: gate, with: {n: 1}}\n").await;
    let run = bench.claimed_for(worker.id(), workflow).await;
    gate.open();
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    assert_eq!(worker.stats().released.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_workers_die_is_ended_without_another_try() {
    let bench = Bench::new().await;
    let run = bench.start("- deadly: {call: gate}\n", json!({})).await;
    for death in 0..5 {
        let gate = Gate::new();
        let worker = bench.worker(registry().with(gate.clone())).await;
        gate.arrivals(1).await;
        let id = worker.id();
        worker.abort().await;
        assert_eq!(bench.bury_and_rescue(id).await, 1, "death {death}");
    }
    let gate = Gate::new();
    let _last = bench.worker(registry().with(gate.clone())).await;
    let error = bench.error(run).await;
    assert!(error["type"].as_str().unwrap().ends_with("/runtime"), "{error}");
    assert!(
        error["detail"].as_str().unwrap().starts_with("5 workers died"),
        "{error}"
    );
    assert_eq!(gate.keys.lock().len(), 0);
}

/// An evaluator with a defect.
struct Defective;

impl Evaluate for Defective {
    fn evaluate(&self, _: &Expression, _: &Value, _: &Variables<'_>) -> Result<Value, ExpressionError> {
        panic!("a defect")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_panics_the_interpreter_is_released_and_in_the_end_faulted() {
    let bench = Bench::new().await;
    let environment = Environment {
        evaluator: Arc::new(Defective),
        ..bench.environment(registry())
    };
    let worker = Worker::start(Bench::options(), environment).await.unwrap();
    let run = bench
        .start("- compute: {set: {n: '${ .n + 1 }'}}\n", json!({"n": 1}))
        .await;
    let error = bench.error(run).await;
    assert!(
        error["detail"].as_str().unwrap().contains("panicked 3 times"),
        "{error}"
    );
    assert_eq!(
        (worker.stats().panics.get(), worker.stats().released.get()),
        (3, 3)
    );
}
