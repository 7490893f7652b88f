//! Keys in headers.

use std::time::Duration;

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_key_is_taken_in_either_header() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    user.get("/api/v1/keys").await.expect(200);
    let key = user.key.unwrap();
    app.anonymous()
        .call("GET", "/api/v1/keys")
        .header("x-api-key", &key)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn without_a_valid_key_no_operation_under_api_is_reached() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    let unknown = app.with_key(&format!("lvk_{}", "0".repeat(64)));
    for path in [
        "/api/v1/keys",
        "/api/v1/runs/x",
        "/api/v1/nowhere",
        "/api",
        "/api/v1/activities",
    ] {
        for user in [&anonymous, &unknown, &app.with_key("guess")] {
            let answer = user.get(path).await;
            assert_eq!(answer.problem(), (401, "unauthenticated".to_owned()), "{path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}

#[tokio::test]
async fn two_different_keys_in_one_request_are_refused() {
    let app = TestApp::start().await;
    let (one, two) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let call = one
        .call("GET", "/api/v1/keys")
        .header("x-api-key", two.key.as_deref().unwrap());
    assert_eq!(call.send().await.problem().0, 401);
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_here_and_within_a_second_elsewhere() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let made = user
        .post("/api/v1/keys", json!({"name": "second"}))
        .await
        .expect(201);
    let (id, second) = (made.at("/key/id"), app.with_key(&made.text("secret")));
    second.get("/api/v1/runs").await.expect(200);
    user.delete(&format!("/api/v1/keys/{}", id.as_str().unwrap()))
        .await
        .expect(204);
    assert_eq!(
        second.get("/api/v1/runs").await.problem(),
        (401, "key_revoked".to_owned())
    );

    let third = user
        .post("/api/v1/keys", json!({"name": "third"}))
        .await
        .expect(201);
    let caller = app.with_key(&third.text("secret"));
    caller.get("/api/v1/runs").await.expect(200);
    revoke_elsewhere(&app, third.at("/key/id").as_str().unwrap()).await;
    caller.get("/api/v1/runs").await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(
        caller.get("/api/v1/runs").await.problem(),
        (401, "key_revoked".to_owned())
    );
}

/// As another process does it: in the database only.
async fn revoke_elsewhere(app: &TestApp, id: &str) {
    use levqor_store::Catalogue;
    let tenant = app.store.tenant_by_name("a").await.unwrap().unwrap().id;
    assert!(app.store.revoke_key(tenant, id.parse().unwrap()).await.unwrap());
}

#[tokio::test]
async fn public_pages_need_no_key_and_bear_a_bad_one() {
    let app = TestApp::start().await;
    for user in [
        app.anonymous(),
        app.with_key("guess"),
        app.with_key(&format!("lvk_{}", "1".repeat(64))),
    ] {
        for path in [
            "/",
            "/health",
            "/docs",
            "/openapi.json",
            "/public/metrics",
            "/errors/not_found",
        ] {
            user.get(path).await.expect(200);
        }
    }
}
