//! `GET /api/v1/webhook-secret`.

use crate::support::TestApp;

const PATH: &str = "/api/v1/webhook-secret";

#[tokio::test]
async fn each_tenant_reads_its_own_secret_with_any_of_its_keys() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let made = owner
        .post("/api/v1/keys", serde_json::json!({"name": "second"}))
        .await
        .expect(201);
    let answer = owner.get(PATH).await.expect(200);
    let secret = answer.text("secret");
    assert!(secret.starts_with("whsec_"));
    assert_eq!(answer.text("scheme"), "standard-webhooks v1");
    assert_eq!(answer.header("cache-control"), "no-store");
    let second = app.with_key(&made.text("secret"));
    assert_eq!(second.get(PATH).await.expect(200).text("secret"), secret);
    assert_ne!(other.get(PATH).await.expect(200).text("secret"), secret);
}

#[tokio::test]
async fn nobody_reads_it_without_a_key() {
    let app = TestApp::start().await;
    assert_eq!(
        app.anonymous().get(PATH).await.problem(),
        (401, "unauthenticated".to_owned())
    );
}

#[tokio::test]
async fn without_a_secret_key_it_is_not_configured_and_no_time_to_retry_is_given() {
    let app = TestApp::builder().unsigned().start().await;
    let answer = app.tenant("a", "pro").await.get(PATH).await;
    assert_eq!(answer.problem(), (501, "not_configured".to_owned()));
    assert!(answer.text("detail").contains("secret_key"));
    assert!(!answer.headers.contains_key("retry-after"));
}
