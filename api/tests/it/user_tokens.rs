//! Tokens of people: what they open, and until when.

use std::time::Duration;

use levqor_api::Rates;
use serde_json::{Value, json};

use crate::support::{TestApp, User};

/// The tenant's key, the person's path, and the person.
async fn ada(app: &TestApp) -> (User, String, User) {
    let user = app.tenant("a", "pro").await;
    let ada = app.signed_in(&user, "ada@example.com").await;
    let id = ada.get("/api/v1/users/me").await.expect(200).text("id");
    (user, format!("/api/v1/users/{id}"), ada)
}

fn ended() -> (u16, String) {
    (401, "user_token_ended".to_owned())
}

#[tokio::test]
async fn a_token_opens_its_persons_record_and_nothing_else() {
    let app = TestApp::start().await;
    let (user, path, ada) = ada(&app).await;
    app.signed_in(&user, "eve@example.com").await;
    let other = user
        .get("/api/v1/users?email=eve%40example.com")
        .await
        .expect(200)
        .at("/users/0/id");
    let other = format!("/api/v1/users/{}", other.as_str().unwrap());
    assert_eq!(ada.get(&path).await.expect(200).at("/email"), "ada@example.com");
    assert_eq!(
        ada.get(&other).await.problem(),
        (404, "user_not_found".to_owned())
    );
    let accept = ada
        .post(&format!("{other}/accept-terms"), json!({"version": "1"}))
        .await;
    assert_eq!(accept.problem(), (404, "user_not_found".to_owned()));
    for (method, path) in [
        ("GET", "/api/v1/users"),
        ("GET", "/api/v1/keys"),
        ("GET", "/api/v1/runs"),
        ("GET", "/api/v1/audit"),
        ("PATCH", &path),
        ("POST", &format!("{path}/tokens")),
        ("DELETE", &format!("{path}/tokens")),
        ("POST", "/api/v1/users/upsert"),
        ("POST", "/api/v1/intake"),
    ] {
        let call = ada.call(method, path).body("application/json", "{}");
        assert_eq!(
            call.send().await.problem(),
            (403, "user_token".to_owned()),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_key_is_nobody() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let me = user.get("/api/v1/users/me").await;
    assert_eq!(me.problem(), (403, "user_token_needed".to_owned()));
    let me = app.anonymous().get("/api/v1/users/me").await;
    assert_eq!(me.problem(), (401, "unauthenticated".to_owned()));
}

#[tokio::test]
async fn a_token_expires() {
    let app = TestApp::start().await;
    let (user, path, ada) = ada(&app).await;
    let short = user
        .post(&format!("{path}/tokens"), json!({"expires_in": 60}))
        .await
        .expect(201);
    let short = app.with_key(&short.text("token"));
    app.clock.advance(Duration::from_secs(59));
    short.get(&path).await.expect(200);
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(short.get(&path).await.problem(), ended());
    ada.get(&path).await.expect(200);
    app.clock.advance(Duration::from_mins(15));
    assert_eq!(ada.get(&path).await.problem(), ended());
    for seconds in [json!(59), json!(86_401), json!(-1), json!("900"), Value::Null] {
        let made = user
            .post(&format!("{path}/tokens"), json!({"expires_in": seconds}))
            .await;
        assert_eq!(
            made.status,
            if seconds.is_null() { 201 } else { 400 },
            "{seconds}"
        );
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let app = TestApp::start().await;
    let (user, path, first) = ada(&app).await;
    let second = user.post(&format!("{path}/tokens"), json!({})).await.expect(201);
    let one = format!("{path}/tokens/{}", second.text("id"));
    let second = app.with_key(&second.text("token"));
    second.get(&path).await.expect(200);
    user.delete(&one).await.expect(204);
    assert_eq!(second.get(&path).await.problem(), ended());
    user.delete(&one).await.expect(204);
    first.get(&path).await.expect(200);
    user.delete(&format!("{path}/tokens")).await.expect(204);
    assert_eq!(first.get(&path).await.problem(), ended());
    for none in ["x", "00000000-0000-7000-8000-000000000000"] {
        let missing = user.delete(&format!("{path}/tokens/{none}")).await;
        assert_eq!(missing.problem(), (404, "user_token_not_found".to_owned()));
    }
}

#[tokio::test]
async fn a_token_revoked_elsewhere_is_refused_within_a_second() {
    let app = TestApp::start().await;
    let (_, path, ada) = ada(&app).await;
    ada.get(&path).await.expect(200);
    let platform = &app.state.platform;
    let tenant = levqor_store::Catalogue::tenant_by_name(app.store.as_ref(), "a")
        .await
        .unwrap()
        .unwrap()
        .id;
    let (key, user) = (
        levqor_store::KeyId(uuid::Uuid::nil()),
        path.rsplit('/').next().unwrap().parse().unwrap(),
    );
    let revoked = levqor_accounts::revoke_tokens(platform, tenant, key, user, None)
        .await
        .unwrap();
    assert_eq!(revoked.map(|hashes| hashes.len()), Some(1));
    ada.get(&path).await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(ada.get(&path).await.problem(), ended());
}

#[tokio::test]
async fn guessed_tokens_use_up_the_share_of_their_address() {
    let rates = Rates {
        anonymous_address: 3,
        ..Rates::default()
    };
    let app = TestApp::builder().rates(rates).start().await;
    let (_, path, ada) = ada(&app).await;
    let guess = |n: u32| app.with_key(&format!("lvu_{n:064x}"));
    for n in 0..3 {
        assert_eq!(
            guess(n).get(&path).await.problem(),
            (401, "unauthenticated".to_owned())
        );
    }
    assert_eq!(
        guess(3).get(&path).await.problem(),
        (429, "rate_limited".to_owned())
    );
    ada.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_persons_requests_count_as_their_tenants() {
    let app = TestApp::start().await;
    let (user, path, ada) = ada(&app).await;
    let left =
        |answer: &crate::support::Answer| answer.header("x-ratelimit-remaining").parse::<u64>().unwrap();
    let before = left(&user.get(&path).await.expect(200));
    let after = left(&ada.get(&path).await.expect(200));
    assert_eq!(after, before - 1);
}

#[tokio::test]
async fn a_token_is_shown_once_and_its_making_is_in_the_trail() {
    let app = TestApp::start().await;
    let (user, path, ada) = ada(&app).await;
    let token = ada.key.unwrap();
    assert!(token.starts_with("lvu_") && token.len() == 68);
    for path in [path.as_str(), "/api/v1/audit", "/api/v1/users"] {
        let body = String::from_utf8(user.get(path).await.expect(200).body).unwrap();
        assert!(!body.contains(&token[4..]), "{path}");
    }
    let trail = user.get("/api/v1/audit?stream=people").await.expect(200);
    assert_eq!(trail.at("/entries/0/kind"), "people.token_issued");
}
