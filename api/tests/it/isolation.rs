//! No tenant sees anything of another's (invariant I8).

use serde_json::{Value, json};

use crate::support::{CHECKED, NOOP, TestApp};

#[tokio::test]
async fn another_tenants_things_do_not_exist() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    owner.store(NOOP).await.expect(201);
    let run = owner.run().await;
    let key = owner.get("/api/v1/keys").await.expect(200).at("/keys/0/id");
    for (method, path, code) in [
        ("GET", format!("/api/v1/runs/{run}"), "run_not_found"),
        ("GET", format!("/api/v1/runs/{run}?wait=1s"), "run_not_found"),
        ("GET", format!("/api/v1/runs/{run}/journal"), "run_not_found"),
        ("GET", format!("/api/v1/runs/{run}/explain"), "run_not_found"),
        ("POST", format!("/api/v1/runs/{run}/cancel"), "run_not_found"),
        ("GET", format!("/api/v1/status/{run}"), "run_not_found"),
        ("GET", "/api/v1/workflows/shop/order".into(), "workflow_not_found"),
        (
            "GET",
            "/api/v1/workflows/shop/order/1.0.0".into(),
            "workflow_not_found",
        ),
        (
            "DELETE",
            format!("/api/v1/keys/{}", key.as_str().unwrap()),
            "key_not_found",
        ),
    ] {
        let foreign = other.call(method, &path).send().await;
        assert_eq!(foreign.problem(), (404, code.to_owned()), "{method} {path}");
    }
    owner.get(&format!("/api/v1/runs/{run}")).await.expect(200);
    owner.get("/api/v1/keys").await.expect(200);
}

#[tokio::test]
async fn lists_hold_only_what_is_ones_own() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    owner.store(NOOP).await.expect(201);
    owner.run().await;
    for (path, member) in [("/api/v1/runs", "/runs"), ("/api/v1/workflows", "/workflows")] {
        assert_eq!(
            owner
                .get(path)
                .await
                .expect(200)
                .at(member)
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            other.get(path).await.expect(200).at(member),
            Value::Array(Vec::new())
        );
    }
    assert_eq!(
        other
            .get("/api/v1/keys")
            .await
            .expect(200)
            .at("/keys")
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn names_versions_keys_and_events_of_two_tenants_do_not_meet() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    owner.store(NOOP).await.expect(201);
    let body = json!({"workflow": "shop/order", "payload": 1, "idempotency_key": "k"});
    assert_eq!(other.post("/api/v1/intake", body.clone()).await.problem().0, 404);
    other
        .store(&CHECKED.replace("name: checked", "name: order"))
        .await
        .expect(201);
    let first = owner.post("/api/v1/intake", body).await.expect(202);
    let good =
        json!({"workflow": "shop/order", "payload": {"mail": "a@example.com"}, "idempotency_key": "k"});
    let second = other.post("/api/v1/intake", good).await.expect(202);
    assert_ne!(first.text("job_id"), second.text("job_id"));

    let worker = app.worker().await;
    let run = first.text("job_id");
    let epoch = worker.claim(&run, 0).await;
    worker.listen(&run, epoch, "paid", "[]").await;
    let event = json!({"specversion": "1.0", "id": "1", "source": "/s", "type": "paid"}).to_string();
    let send = async |user: &crate::support::User| {
        let call = user
            .call("POST", "/api/v1/events")
            .body("application/cloudevents+json", event.clone());
        call.send().await.expect(202).at("/events/0/matched")
    };
    assert_eq!(send(&other).await, 0);
    assert_eq!(send(&owner).await, 1);
}
