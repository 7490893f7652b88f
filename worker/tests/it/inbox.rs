//! What reaches a run from outside: timers, events, cancel.

use std::time::Duration;

use levqor_store::{InboxKind, NewEvent, OutboxKind, RunState};
use levqor_testkit::eventually;
use levqor_worker::{WorkerOptions, registry};
use serde_json::json;

use crate::{
    activities::Gate,
    bench::{Bench, PATIENCE},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_gives_the_worker_back_and_goes_on_with_its_timer() {
    let bench = Bench::new().await;
    let worker = bench.worker(registry()).await;
    let tasks = "
- before: {call: echo, with: {n: 1}}
- pause: {wait: {milliseconds: 50}}
- after: {call: echo, with: {n: '${ .n + 1 }'}}
";
    let run = bench.start(tasks, json!({})).await;
    bench.reaches(run, RunState::Waiting).await;
    bench.fire_timers_of(run).await;
    assert_eq!(bench.output(run).await, json!({"n": 2}));
    assert_eq!(worker.stats().parks.get(), 1);
    assert_eq!(worker.stats().claims.get(), 2);
    assert_eq!(
        worker.stats().attempts.get(),
        2,
        "the step before the wait is not repeated"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_listens_takes_the_event_that_matches() {
    let bench = Bench::new().await;
    let _worker = bench.worker(registry()).await;
    let run = bench
        .start(
            "- order: {listen: {to: {one: {with: {type: order.paid}}}}}\n",
            json!({}),
        )
        .await;
    bench.reaches(run, RunState::Waiting).await;
    let event = json!({
        "specversion": "1.0", "id": "1", "source": "/shop", "type": "order.paid", "data": {"amount": 5}
    });
    let event = NewEvent {
        tenant: bench.tenant,
        source: "/shop".into(),
        event_id: "1".into(),
        event_type: "order.paid".into(),
        body: event.to_string().into_bytes(),
    };
    for (run, epoch) in bench.store.ingest(&event).await.unwrap().hints {
        bench.ring(run, epoch).await;
    }
    assert_eq!(bench.output(run).await, json!([{"amount": 5}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emitted_event_leaves_with_the_commit() {
    let bench = Bench::new().await;
    let _worker = bench.worker(registry()).await;
    let tasks = "- tell: {emit: {event: {with: {source: /test, type: told, data: {n: 1}}}}}\n";
    let run = bench.start(tasks, json!({})).await;
    bench.reaches(run, RunState::Completed).await;
    let outbox = bench.outbox().await;
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].kind, OutboxKind::Event);
    let event: serde_json::Value = serde_json::from_slice(&outbox[0].body).unwrap();
    assert_eq!(
        (&event["type"], &event["data"]),
        (&json!("told"), &json!({"n": 1}))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_stops_the_running_activity() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench
        .start(
            "- slow: {call: gate}\n- next: {call: echo, with: {}}\n",
            json!({}),
        )
        .await;
    gate.arrivals(1).await;
    bench
        .deliver(
            run,
            InboxKind::Cancel,
            &json!({"reason": "changed my mind", "by": "test"}),
        )
        .await;
    bench.reaches(run, RunState::Cancelled).await;
    assert_eq!(worker.stats().attempts.get(), 1);
    assert_eq!(worker.stats().cancelled.get(), 1);
}

/// Inboxes are looked at by parking and ending only.
fn unwatched() -> WorkerOptions {
    WorkerOptions {
        watch_every: Duration::from_hours(1),
        ..Bench::options()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p8_a_cancel_that_comes_before_the_end_is_not_dropped() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench
        .worker_with(registry().with(gate.clone()), unwatched())
        .await;
    let run = bench
        .start("- slow: {call: gate, with: {n: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    bench
        .deliver(run, InboxKind::Cancel, &json!({"reason": "late", "by": "test"}))
        .await;
    gate.open();
    bench.reaches(run, RunState::Cancelled).await;
    assert_eq!(worker.stats().inbox_moved.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p6_a_cancel_that_comes_before_parking_is_not_lost() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench
        .worker_with(registry().with(gate.clone()), unwatched())
        .await;
    let run = bench
        .start("- slow: {call: gate}\n- long: {wait: {days: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    bench
        .deliver(run, InboxKind::Cancel, &json!({"reason": "late", "by": "test"}))
        .await;
    gate.open();
    bench.reaches(run, RunState::Cancelled).await;
    assert_eq!(
        (worker.stats().inbox_moved.get(), worker.stats().parks.get()),
        (1, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_row_that_changes_nothing_is_folded_and_the_end_tried_again() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench
        .worker_with(registry().with(gate.clone()), unwatched())
        .await;
    let run = bench
        .start("- slow: {call: gate, with: {n: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    bench
        .deliver(run, InboxKind::Timer, &json!({"path": "/do/9/gone"}))
        .await;
    gate.open();
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    assert_eq!(worker.stats().inbox_moved.get(), 1);
    assert_eq!(
        bench
            .journal(run)
            .await
            .iter()
            .filter(|entry| entry.n == Some(1))
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_row_that_changes_nothing_leaves_the_running_activity_alone() {
    let bench = Bench::new().await;
    let gate = Gate::new();
    let worker = bench.worker(registry().with(gate.clone())).await;
    let run = bench
        .start("- slow: {call: gate, with: {n: 1}}\n", json!({}))
        .await;
    gate.arrivals(1).await;
    bench
        .deliver(run, InboxKind::Timer, &json!({"path": "/do/9/gone"}))
        .await;
    eventually(PATIENCE, || async { worker.stats().inbox_looks.get() > 0 })
        .await
        .unwrap();
    gate.open();
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    assert_eq!(
        (
            worker.stats().attempts.get(),
            worker.stats().stopped_attempts.get()
        ),
        (1, 0)
    );
}
