//! Graceful stop.

use std::time::Duration;

use levqor_store::RunState;
use levqor_worker::registry;
use serde_json::json;

use crate::{
    activities::Gate,
    bench::{Bench, PATIENCE},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_gives_back_what_does_not_finish_in_time() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench
        .start("- slow: {call: gate, with: {n: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    let drained = worker.drain(Duration::ZERO).await;
    assert!(drained.complete);
    assert_eq!(drained.released, 1);
    assert_eq!(bench.view(run).await.state, RunState::Pending);
    assert!(
        bench.store.beats().await.unwrap().is_empty(),
        "the worker has retired"
    );

    // The drain rang for it: the next worker takes it up, with the same key.
    gate.open();
    let _next = bench.worker(registry().with(gate.clone())).await;
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    let keys = gate.keys.lock().clone();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_lets_a_running_activity_finish_but_starts_no_other() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let stats = worker.stats();
    let run = bench
        .start(
            "- slow: {call: gate, with: {n: 1}}\n- next: {call: gate, with: {n: 2}}\n",
            json!({}),
        )
        .await;
    gate.arrivals(1).await;
    let mut draining = std::pin::pin!(worker.drain(PATIENCE));
    assert!(
        futures::poll!(&mut draining).is_pending(),
        "it waits for the activity"
    );
    gate.open();
    let drained = draining.await;
    assert_eq!((drained.complete, drained.released), (true, 1));
    assert_eq!(stats.attempts.get(), 1);
    assert_eq!(stats.stopped_attempts.get(), 0);
    assert_eq!(bench.journal(run).await.len(), 1, "the first step is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_worker_drains_at_once() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    let drained = worker.drain(PATIENCE).await;
    assert_eq!((drained.complete, drained.released), (true, 0));
}
