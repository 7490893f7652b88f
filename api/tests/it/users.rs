//! `/api/v1/users`.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User};

const UPSERT: &str = "/api/v1/users/upsert";

/// Path of the person with this address, made when there is none.
async fn person(user: &User, email: &str) -> String {
    let known = user.post(UPSERT, json!({"email": email})).await;
    format!("/api/v1/users/{}", known.at("/user/id").as_str().unwrap())
}

#[tokio::test]
async fn a_hundred_upserts_at_once_make_one_person() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    let answers =
        join_all((0..100).map(|_| user.post(UPSERT, json!({"email": "ada@example.com", "name": "Ada"}))))
            .await;
    let with = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(201), with(200)), (1, 99));
    let ids: std::collections::HashSet<_> = answers
        .iter()
        .map(|answer| answer.at("/user/id").to_string())
        .collect();
    assert_eq!(ids.len(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.at("/created") == true || answer.at("/updated") == true)
    );
}

#[tokio::test]
async fn an_upsert_finds_by_address_and_changes_what_it_names() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let whole = json!({"email": " Ada@Example.com", "name": "Ada", "locale": "en-GB", "currency": "gbp",
        "meta": {"plan": "pro", "tags": [1]}});
    let made = user.post(UPSERT, whole).await.expect(201);
    assert_eq!(made.at("/user/email"), "ada@example.com");
    assert_eq!(made.at("/user/currency"), "GBP");
    let change = json!({"email": "ADA@example.com", "name": null, "meta": {"tags": null, "seen": true}});
    let changed = user.post(UPSERT, change.clone()).await.expect(200);
    assert_eq!(
        (changed.at("/updated"), changed.at("/changed")),
        (json!(true), json!(true))
    );
    assert_eq!(changed.at("/user/name"), Value::Null);
    assert_eq!(changed.at("/user/locale"), "en-GB");
    assert_eq!(changed.at("/user/meta"), json!({"plan": "pro", "seen": true}));
    let again = user.post(UPSERT, change).await.expect(200);
    assert_eq!(again.at("/changed"), false);
    assert_eq!(again.at("/user"), changed.at("/user"));
}

#[tokio::test]
async fn a_patch_says_whether_anything_changed() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let path = person(&user, "ada@example.com").await;
    let changes = json!({"name": "Ada", "meta": {"a": {"b": 1}}});
    assert_eq!(
        user.patch(&path, changes.clone())
            .await
            .expect(200)
            .at("/updated"),
        true
    );
    let again = user.patch(&path, changes).await.expect(200);
    assert_eq!(
        (again.at("/updated"), again.at("/user/meta")),
        (json!(false), json!({"a": {"b": 1}}))
    );
    assert_eq!(
        user.patch(&path, json!({})).await.expect(200).at("/updated"),
        false
    );
    assert_eq!(user.get(&path).await.expect(200).at("/name"), "Ada");
}

#[tokio::test]
async fn people_are_listed_in_pages_and_found_by_address() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    for n in 0..5 {
        person(&user, &format!("p{n}@example.com")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = user
            .get(&format!("/api/v1/users?limit=2{cursor}"))
            .await
            .expect(200);
        seen.extend(
            page.at("/users")
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["email"].clone()),
        );
        cursor = page
            .at("/next_cursor")
            .as_str()
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
    }
    let expected: Vec<Value> = (0..5).rev().map(|n| json!(format!("p{n}@example.com"))).collect();
    assert_eq!((seen, cursor.as_str()), (expected, ""));
    let one = user.get("/api/v1/users?email=P3%40example.com").await.expect(200);
    assert_eq!(one.at("/users/0/email"), "p3@example.com");
    assert_eq!(
        user.get("/api/v1/users?email=x%40example.com")
            .await
            .expect(200)
            .at("/users"),
        json!([])
    );
}

#[tokio::test]
async fn nobody_sees_a_person_of_another_tenant() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let path = person(&owner, "ada@example.com").await;
    let missing = (404, "user_not_found".to_owned());
    assert_eq!(other.get(&path).await.problem(), missing);
    assert_eq!(
        other.patch(&path, json!({"name": "Eve"})).await.problem(),
        missing
    );
    assert_eq!(
        other.post(&format!("{path}/tokens"), json!({})).await.problem(),
        missing
    );
    assert_eq!(other.delete(&format!("{path}/tokens")).await.problem(), missing);
    assert_eq!(
        other
            .post(&format!("{path}/accept-terms"), json!({"version": "1"}))
            .await
            .problem(),
        missing
    );
    let none: Answer = other
        .get("/api/v1/users?email=ada%40example.com")
        .await
        .expect(200);
    assert_eq!(none.at("/users"), json!([]));
    assert_eq!(
        app.anonymous().get(&path).await.problem(),
        (401, "unauthenticated".to_owned())
    );
    other
        .post(UPSERT, json!({"email": "ada@example.com"}))
        .await
        .expect(201);
    assert_eq!(owner.get(&path).await.expect(200).at("/name"), Value::Null);
}

#[tokio::test]
async fn what_is_no_person_is_refused_with_its_place_and_leaves_nothing() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let big = "x".repeat(16 * 1024);
    for (body, code, pointer) in [
        (json!({}), "missing_member", "/email"),
        (json!({"email": "ada"}), "invalid_member", "/email"),
        (json!({"email": "a@b\r\nbcc: c@d"}), "invalid_member", "/email"),
        (json!({"email": null}), "invalid_member", "/email"),
        (json!({"email": "a@b", "name": ""}), "invalid_member", "/name"),
        (
            json!({"email": "a@b", "locale": "en_GB"}),
            "invalid_member",
            "/locale",
        ),
        (
            json!({"email": "a@b", "currency": "ABC"}),
            "invalid_member",
            "/currency",
        ),
        (json!({"email": "a@b", "meta": []}), "invalid_member", "/meta"),
        (
            json!({"email": "a@b", "meta": {"a": big}}),
            "invalid_member",
            "/meta",
        ),
        (
            json!({"email": "a@b", "is_admin": true}),
            "unknown_member",
            "/is_admin",
        ),
    ] {
        let refused = user.post(UPSERT, body.clone()).await;
        assert_eq!(refused.problem(), (400, code.to_owned()), "{body}");
        assert_eq!(refused.text("pointer"), pointer, "{body}");
    }
    assert_eq!(
        user.get("/api/v1/users").await.expect(200).at("/users"),
        json!([])
    );
    assert_eq!(
        user.get("/api/v1/users?email=ada").await.problem(),
        (400, "invalid_parameter".to_owned())
    );
}

#[tokio::test]
async fn accepted_terms_are_kept_with_time_version_and_network() {
    let app = TestApp::builder().trusted_proxies(1).start().await;
    let user = app.tenant("a", "pro").await;
    let path = person(&user, "ada@example.com").await;
    let ada = app.signed_in(&user, "ada@example.com").await;
    let call = ada
        .call("POST", &format!("{path}/accept-terms"))
        .header("x-forwarded-for", "192.0.2.77");
    let accepted = call
        .body("application/json", r#"{"version":"2025-11-14"}"#)
        .send()
        .await
        .expect(200);
    assert_eq!(accepted.at("/ok"), true);
    let terms = json!({"version": "2025-11-14", "at": accepted.at("/at"), "address": "192.0.2.0"});
    assert_eq!(user.get(&path).await.expect(200).at("/terms"), terms);
    user.post(&format!("{path}/accept-terms"), json!({"version": "2"}))
        .await
        .expect(200);
    let trail = user
        .get("/api/v1/audit?kind=people.terms_accepted")
        .await
        .expect(200);
    assert_eq!(trail.at("/entries/1/detail/version"), "2025-11-14");
    assert!(
        trail
            .at("/entries/1/actor")
            .as_str()
            .unwrap()
            .starts_with("user:")
    );
    assert!(trail.at("/entries/0/actor").as_str().unwrap().starts_with("key:"));
    for body in [
        json!({}),
        json!({"version": ""}),
        json!({"version": "x".repeat(65)}),
    ] {
        assert_eq!(
            user.post(&format!("{path}/accept-terms"), body).await.problem().0,
            400
        );
    }
}
