//! What reaches a run from outside: timers, events, cancel.

use levqor_store::{InboxKind, NewEvent, OutboxKind, RunState};
use levqor_worker::registry;
use serde_json::json;

use crate::{activities::Gate, bench::Bench};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_changes_nothing_leaves_the_activity_alone() {
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
    // The end is refused until the row is folded (P8).
    gate.open();
    assert_eq!(bench.output(run).await, json!({"n": 1}));
    assert_eq!(worker.stats().attempts.get(), 1);
    assert_eq!(gate.keys.lock().len(), 1);
}
