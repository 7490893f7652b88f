//! `/api/v1/keys`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_new_key_works_and_its_secret_is_shown_once() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let made = user.post("/api/v1/keys", json!({"name": "ci"})).await.expect(201);
    let secret = made.text("secret");
    assert!(secret.starts_with("lvk_") && secret.starts_with(made.at("/key/prefix").as_str().unwrap()));
    assert_eq!(made.at("/key/plan"), "pro");
    app.with_key(&secret).get("/api/v1/runs").await.expect(200);
    let list = user.get("/api/v1/keys").await.expect(200);
    assert_eq!(list.at("/keys/0/name"), "ci");
    let text = String::from_utf8(list.body).unwrap();
    assert!(!text.contains(&secret[12..]) && !text.contains("hash"));
}

#[tokio::test]
async fn a_revoked_key_stays_listed_and_revoking_again_changes_nothing() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let id = user
        .post("/api/v1/keys", json!({"name": "x"}))
        .await
        .expect(201)
        .at("/key/id");
    let path = format!("/api/v1/keys/{}", id.as_str().unwrap());
    user.delete(&path).await.expect(204);
    let revoked_at = user
        .get("/api/v1/keys")
        .await
        .expect(200)
        .at("/keys/0/revoked_at");
    assert!(revoked_at.is_string());
    user.delete(&path).await.expect(204);
    assert_eq!(
        user.get("/api/v1/keys")
            .await
            .expect(200)
            .at("/keys/0/revoked_at"),
        revoked_at
    );
}

#[tokio::test]
async fn a_key_may_revoke_itself() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let id = user.get("/api/v1/keys").await.expect(200).at("/keys/0/id");
    user.delete(&format!("/api/v1/keys/{}", id.as_str().unwrap()))
        .await
        .expect(204);
    assert_eq!(
        user.get("/api/v1/keys").await.problem(),
        (401, "key_revoked".to_owned())
    );
}
