//! The database or the queue away.

use levqor_store::Store;
use serde_json::json;

use crate::support::{NOOP, TestApp};

#[tokio::test]
async fn without_the_database_every_operation_answers_503_with_retry_after() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    let run = user.run().await;
    app.store.close().await;
    // The batcher tries for five seconds; nobody has to wait for them.
    tokio::time::pause();
    for (method, path) in [
        ("GET", "/api/v1/runs".to_owned()),
        ("GET", format!("/api/v1/runs/{run}")),
        ("GET", format!("/api/v1/status/{run}")),
        ("GET", format!("/api/v1/runs/{run}/journal")),
        ("POST", format!("/api/v1/runs/{run}/cancel")),
        ("GET", "/api/v1/workflows".to_owned()),
        ("GET", "/api/v1/keys".to_owned()),
    ] {
        assert_eq!(
            user.call(method, &path).send().await.problem(),
            (503, "unavailable".to_owned()),
            "{path}"
        );
    }
    let body = json!({"workflow": "shop/order", "payload": {}});
    assert_eq!(
        user.post("/api/v1/intake", body.clone()).await.problem(),
        (503, "unavailable".to_owned())
    );
    let batch = user.post("/api/v1/intake/batch", json!([body])).await.expect(207);
    assert_eq!(batch.at("/items/0/problem/code"), "unavailable");
    assert!(app.store.ping().await.is_err());
}

#[tokio::test]
async fn a_key_that_cannot_be_looked_up_is_not_called_unknown() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    app.store.close().await;
    assert_eq!(
        user.get("/api/v1/runs").await.problem(),
        (503, "unavailable".to_owned())
    );
}

#[tokio::test]
async fn readiness_names_the_part_that_fails_and_only_the_database_makes_it_fail() {
    let app = TestApp::start().await;
    let user = app.anonymous();
    let ready = user.get("/health/ready").await.expect(200);
    assert_eq!(
        ready.json(),
        json!({"ready": true, "database": "ok", "queue": "ok"})
    );
    app.break_queue(true);
    app.clock.advance(std::time::Duration::from_secs(1));
    let queue = user.get("/health/ready").await.expect(200);
    assert_eq!(
        queue.json(),
        json!({"ready": true, "database": "ok", "queue": "failed"})
    );
    app.break_queue(false);
    app.store.close().await;
    app.clock.advance(std::time::Duration::from_secs(1));
    let database = user.get("/health/ready").await.expect(503);
    assert_eq!(
        database.json(),
        json!({"ready": false, "database": "failed", "queue": "ok"})
    );
    user.get("/health/live").await.expect(200);
    user.get("/health").await.expect(200);
}
