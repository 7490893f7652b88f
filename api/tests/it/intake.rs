//! `POST /api/v1/intake`.

use std::time::Duration;

use futures::future::join_all;
use levqor_queue::Queue;
use levqor_store::{ReadStore, RunId};
use serde_json::{Value, json};

use crate::support::{Answer, CHECKED, NOOP, TestApp, User, named};

const PATH: &str = "/api/v1/intake";

async fn user(app: &TestApp) -> User {
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user
}

async fn with_key(user: &User, key: &str, payload: Value) -> Answer {
    let body = json!({"workflow": "shop/order", "payload": payload}).to_string();
    user.call("POST", PATH)
        .header("idempotency-key", key)
        .body("application/json", body)
        .send()
        .await
}

async fn version_of(user: &User, job_id: &Value) -> Value {
    user.get(&format!("/api/v1/runs/{}", job_id.as_str().unwrap()))
        .await
        .expect(200)
        .at("/version")
}

#[tokio::test]
async fn a_run_is_accepted_and_can_be_followed() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let answer = user
        .post(PATH, json!({"workflow": "shop/order:1.0.0", "payload": {"n": 1}}))
        .await
        .expect(202);
    assert_eq!(
        (answer.text("status"), answer.text("state")),
        ("queued".into(), "pending".into())
    );
    let url = answer.text("url");
    assert_eq!(answer.header("location"), url);
    assert!(answer.headers.get("idempotency-replayed").is_none());
    assert_eq!(user.get(&url).await.expect(200).at("/input/n"), 1);
    let status = user
        .get(&format!("/api/v1/status/{}", answer.text("job_id")))
        .await
        .expect(200);
    assert_eq!(
        (status.at("/status"), status.at("/result")),
        ("queued".into(), Value::Null)
    );
}

#[tokio::test]
async fn urls_are_absolute_when_the_public_url_is_known() {
    let app = TestApp::builder()
        .public_url("https://api.example.com")
        .start()
        .await;
    let user = user(&app).await;
    let answer = user
        .post(PATH, json!({"workflow": "shop/order", "payload": {}}))
        .await
        .expect(202);
    assert!(
        answer
            .text("url")
            .starts_with("https://api.example.com/api/v1/runs/")
    );
    let problem = user.get("/nowhere").await;
    assert_eq!(problem.text("type"), "https://api.example.com/errors/not_found");
}

#[tokio::test]
async fn the_payload_is_stored_byte_for_byte() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let payload = r#"{ "b" : 1.50, "a":"\u00e9", "n": 12345678901234567890123 }"#;
    let body = format!(r#"{{"workflow":"shop/order","payload":{payload}}}"#);
    let answer = user
        .call("POST", PATH)
        .body("application/json", body)
        .send()
        .await
        .expect(202);
    let tenant = levqor_store::Catalogue::tenant_by_name(&*app.store, "a")
        .await
        .unwrap()
        .unwrap()
        .id;
    let id: RunId = answer.text("job_id").parse().unwrap();
    let stored = app.store.run(tenant, id).await.unwrap().unwrap().input.unwrap();
    assert_eq!(String::from_utf8(stored).unwrap(), payload);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_answers_the_same_run() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let first = with_key(&user, "k1", json!({"a": 1, "b": 2})).await.expect(202);
    let again = with_key(&user, "k1", json!({"b": 2, "a": 1})).await.expect(202);
    assert_eq!(again.text("job_id"), first.text("job_id"));
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = with_key(&user, "k1", json!({"a": 2})).await;
    assert_eq!(other.problem(), (409, "idempotency_conflict".to_owned()));
    assert_eq!(other.text("job_id"), first.text("job_id"));
    assert_ne!(
        with_key(&user, "k2", json!({"a": 2}))
            .await
            .expect(202)
            .text("job_id"),
        first.text("job_id")
    );
}

#[tokio::test]
async fn a_key_holds_while_the_latest_version_changes() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let first = with_key(&user, "k", json!(1)).await.expect(202);
    user.store(&named("order", "2.0.0")).await.expect(201);
    let again = with_key(&user, "k", json!(1)).await.expect(202);
    assert_eq!(again.text("job_id"), first.text("job_id"));
}

#[tokio::test]
async fn a_hundred_at_once_with_one_key_are_one_run() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let answers = join_all((0..100).map(|_| with_key(&user, "k", json!({"a": 1})))).await;
    let ids: Vec<String> = answers
        .into_iter()
        .map(|answer| answer.expect(202).text("job_id"))
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(
        user.get("/api/v1/runs")
            .await
            .expect(200)
            .at("/runs")
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn latest_is_the_highest_release_and_seen_at_once_in_this_process() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    for version in ["1.10.0", "1.9.0", "2.0.0-rc.1"] {
        user.store(&named("order", version)).await.expect(201);
    }
    let latest = user
        .post(PATH, json!({"workflow": "shop/order", "payload": {}}))
        .await
        .expect(202);
    assert_eq!(version_of(&user, &latest.at("/job_id")).await, "1.10.0");
    let body = json!({"workflow": "shop/order", "version": "2.0.0-rc.1", "payload": {}});
    let named = user.post(PATH, body).await.expect(202);
    assert_eq!(version_of(&user, &named.at("/job_id")).await, "2.0.0-rc.1");
}

#[tokio::test]
async fn a_payload_that_breaks_the_schema_is_refused_with_every_place() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    user.store(CHECKED).await.expect(201);
    let good = json!({"workflow": "shop/checked", "payload": {"mail": "a@example.com", "n": 10}});
    user.post(PATH, good).await.expect(202);
    let bad = json!({"workflow": "shop/checked", "payload": {"mail": "nobody", "n": 11}});
    let answer = user.post(PATH, bad).await;
    assert_eq!(answer.problem(), (422, "invalid_input".to_owned()));
    let pointers: Vec<Value> = (0..2)
        .map(|n| answer.at(&format!("/errors/{n}/pointer")))
        .collect();
    assert_eq!(pointers, ["/payload/mail", "/payload/n"].map(Value::from));
}

#[tokio::test]
async fn priority_and_run_at_are_kept() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let body = json!({"workflow": "shop/order", "payload": {}, "priority": "high", "run_at": "2026-01-01T01:00:00+01:00"});
    let answer = user.post(PATH, body).await.expect(202);
    let run = user.get(&answer.text("url")).await.expect(200);
    assert_eq!(run.at("/priority"), "high");
    assert_eq!(run.at("/run_at"), "2026-01-01T00:00:00.000000Z");
}

#[tokio::test]
async fn a_ready_run_rings_the_queue_and_a_later_one_does_not() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let later = json!({"workflow": "shop/order", "payload": {}, "run_at": "2027-01-01T00:00:00Z"});
    user.post(PATH, later).await.expect(202);
    let ready = user.run().await;
    let hints = app.queue.fetch(10, Duration::from_secs(10)).await.unwrap();
    assert_eq!(
        hints.iter().map(|hint| hint.run.to_string()).collect::<Vec<_>>(),
        [ready]
    );
    assert_eq!(hints[0].epoch, 0);
}

#[tokio::test]
async fn a_broken_queue_does_not_hold_up_intake() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    app.break_queue(true);
    user.run().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let never = futures::stream::once(async {
        // Asked for when all else is done, so that only the time for the body can run out.
        tokio::time::pause();
        std::future::pending::<std::io::Result<Vec<u8>>>().await
    });
    let call = user.call("POST", PATH).header("content-type", "application/json");
    let answer = call.plain_body(poem::Body::from_bytes_stream(never)).send().await;
    assert_eq!(answer.problem(), (408, "request_timeout".to_owned()));
}

#[tokio::test]
async fn no_change_of_a_byte_gives_a_server_error() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let good = br#"{"workflow":"shop/order:1.0.0","payload":{"a":[1e2,"\u00e9"]},"priority":"low","idempotency_key":"k"}"#;
    for at in 0..good.len() {
        for byte in [0, b'"', b'{', b'9', b'\\', 0xff] {
            let mut body = good.to_vec();
            body[at] = byte;
            let answer = user
                .call("POST", PATH)
                .body("application/json", body)
                .send()
                .await;
            assert!(answer.status < 500, "byte {at} as {byte}");
        }
    }
}
