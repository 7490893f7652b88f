//! `POST /api/v1/events`.

use std::time::Duration;

use levqor_queue::Queue;
use levqor_store::WorkerStore;
use serde_json::{Value, json};

use crate::support::{Answer, NOOP, TestApp, User};

const PATH: &str = "/api/v1/events";

/// A user, and a run of it that listens for events of type `paid`.
async fn listening(app: &TestApp) -> (User, String) {
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    let run = user.run().await;
    let worker = app.worker().await;
    let epoch = worker.claim(&run, 0).await;
    worker.listen(&run, epoch, "paid", "[]").await;
    app.queue.fetch(10, Duration::from_secs(10)).await.unwrap();
    (user, run)
}

fn event(id: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "/bank", "type": "paid", "data": {"n": 1}})
}

async fn send(user: &User, media: &str, body: &Value) -> Answer {
    user.call("POST", PATH).body(media, body.to_string()).send().await
}

async fn inbox(app: &TestApp, run: &str) -> Vec<Value> {
    let rows = app.store.inbox_after(run.parse().unwrap(), 0).await.unwrap();
    rows.into_iter()
        .map(|row| serde_json::from_slice(&row.body).unwrap())
        .collect()
}

#[tokio::test]
async fn a_structured_event_reaches_the_run_that_listens_once() {
    let app = TestApp::start().await;
    let (user, run) = listening(&app).await;
    let first = send(&user, "application/cloudevents+json", &event("1"))
        .await
        .expect(202);
    assert_eq!(
        first.at("/events/0"),
        json!({"id": "1", "source": "/bank", "duplicate": false, "matched": 1, "more": false})
    );
    let again = send(&user, "application/cloudevents+json; charset=utf-8", &event("1"))
        .await
        .expect(202);
    assert_eq!(
        (again.at("/events/0/duplicate"), again.at("/events/0/matched")),
        (true.into(), 0.into())
    );
    assert_eq!(inbox(&app, &run).await, [event("1")]);
    let hints = app.queue.fetch(10, Duration::from_secs(10)).await.unwrap();
    assert_eq!(
        hints.iter().map(|hint| hint.run.to_string()).collect::<Vec<_>>(),
        [run]
    );
}

#[tokio::test]
async fn a_binary_event_becomes_the_same() {
    let app = TestApp::start().await;
    let (user, run) = listening(&app).await;
    let call = user
        .call("POST", PATH)
        .header("ce-specversion", "1.0")
        .header("ce-id", "1")
        .header("ce-source", "/bank")
        .header("ce-type", "paid")
        .body("application/json", r#"{"n":1}"#);
    call.send().await.expect(202);
    let mut wanted = event("1");
    wanted["datacontenttype"] = "application/json".into();
    assert_eq!(inbox(&app, &run).await, [wanted]);
}

#[tokio::test]
async fn a_batch_is_taken_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let (user, run) = listening(&app).await;
    let media = "application/cloudevents-batch+json";
    let bad = send(&user, media, &json!([event("1"), {"id": "2"}])).await;
    assert_eq!(bad.problem(), (400, "invalid_event".to_owned()));
    assert_eq!(bad.text("pointer"), "/1/specversion");
    assert_eq!(inbox(&app, &run).await, Vec::<Value>::new());
    let good = send(&user, media, &json!([event("1"), event("2")]))
        .await
        .expect(202);
    assert_eq!(
        (good.at("/events/0/id"), good.at("/events/1/id")),
        ("1".into(), "2".into())
    );
    assert_eq!(inbox(&app, &run).await.len(), 2);
    let many: Vec<Value> = (0..101).map(|n| event(&n.to_string())).collect();
    assert_eq!(
        send(&user, media, &many.into()).await.problem(),
        (413, "too_many_items".to_owned())
    );
}

#[tokio::test]
async fn an_event_nobody_listens_for_is_taken() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    let answer = send(&user, "application/cloudevents+json", &event("1"))
        .await
        .expect(202);
    assert_eq!(answer.at("/events/0/matched"), 0);
}

#[tokio::test]
async fn data_has_a_bound() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    let mut large = event("1");
    large["data"] = "x".repeat(200 * 1024).into();
    let answer = send(&user, "application/cloudevents+json", &large).await;
    assert_eq!(answer.problem(), (413, "payload_too_large".to_owned()));
}
