//! `/api/v1/workflows`.

use serde_json::{Value, json};

use crate::support::{CHECKED, NOOP, TestApp, named};

#[tokio::test]
async fn a_document_is_stored_once_and_read_back_as_json() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let made = user.store(NOOP).await.expect(201);
    assert_eq!(made.header("location"), "/api/v1/workflows/shop/order/1.0.0");
    assert_eq!(made.at("/document/do/0/reply/set/ok"), true);
    let again = user.store(NOOP).await.expect(200);
    assert_eq!(again.at("/id"), made.at("/id"));
    let read = user.get(made.header("location")).await.expect(200);
    assert_eq!(
        (read.at("/document"), read.at("/hash")),
        (made.at("/document"), made.at("/hash"))
    );
}

#[tokio::test]
async fn yaml_and_json_of_one_document_are_the_same() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    user.store(NOOP).await.expect(201);
    let json = json!({
        "do": [{"reply": {"set": {"ok": true}}}],
        "document": {"version": "1.0.0", "name": "order", "namespace": "shop", "dsl": "1.0.0"}
    });
    user.post("/api/v1/workflows", json).await.expect(200);
    user.call("POST", "/api/v1/workflows")
        .body("text/yaml", NOOP)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn another_document_of_a_version_is_a_conflict() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    user.store(NOOP).await.expect(201);
    let other = user.store(&NOOP.replace("true", "false")).await;
    assert_eq!(other.problem(), (409, "version_conflict".to_owned()));
    assert_eq!(
        user.get("/api/v1/workflows/shop/order")
            .await
            .at("/document/do/0/reply/set/ok"),
        true
    );
}

#[tokio::test]
async fn the_latest_is_shown_with_the_names_of_all_versions() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    for version in ["1.0.0", "1.2.0", "2.0.0-beta", "1.1.0"] {
        user.store(&named("order", version)).await.expect(201);
    }
    let latest = user.get("/api/v1/workflows/shop/order").await.expect(200);
    assert_eq!(latest.at("/version"), "1.2.0");
    assert_eq!(
        latest.at("/versions"),
        json!(["1.0.0", "1.2.0", "2.0.0-beta", "1.1.0"])
    );
    let beta = user
        .get("/api/v1/workflows/shop/order/2.0.0-beta")
        .await
        .expect(200);
    assert_eq!(beta.at("/document/document/version"), "2.0.0-beta");
    assert_eq!(
        user.get("/api/v1/workflows/shop/order/9.0.0").await.problem().0,
        404
    );
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        user.store(&named("order", version)).await.expect(201);
    }
    let first = user.get("/api/v1/workflows?limit=2").await.expect(200);
    assert_eq!(
        (first.at("/workflows/0/version"), first.at("/workflows/1/version")),
        ("1.2.0".into(), "1.1.0".into())
    );
    assert_eq!(first.at("/workflows/0/document"), Value::Null);
    let rest = user
        .get(&format!(
            "/api/v1/workflows?limit=2&cursor={}",
            first.text("next_cursor")
        ))
        .await
        .expect(200);
    assert_eq!(rest.at("/workflows/0/version"), "1.0.0");
    assert_eq!(rest.at("/next_cursor"), Value::Null);
}

#[tokio::test]
async fn every_problem_of_a_document_is_reported_with_its_place() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let document = NOOP
        .replace("version: '1.0.0'", "version: one")
        .replace("set:", "sat:");
    let answer = user.store(&document).await;
    assert_eq!(answer.problem(), (422, "invalid_document".to_owned()));
    let errors = answer.at("/errors");
    let places: Vec<(&str, u64)> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["pointer"].as_str().unwrap(),
                error["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert!(places.contains(&("/document/version", 1)), "{places:?}");
    assert!(
        places
            .iter()
            .any(|(pointer, line)| pointer.starts_with("/do/0/reply") && *line == 3),
        "{places:?}"
    );
    assert_eq!(user.get("/api/v1/workflows").await.at("/workflows"), json!([]));
}

#[tokio::test]
async fn validating_stores_nothing() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let validate = |text: String| {
        user.call("POST", "/api/v1/workflows/validate")
            .body("application/yaml", text)
            .send()
    };
    let good = validate(CHECKED.into()).await.expect(200);
    assert_eq!(
        (good.text("namespace"), good.text("name")),
        ("shop".into(), "checked".into())
    );
    assert_eq!(
        validate(NOOP.replace("set", "sat")).await.problem(),
        (422, "invalid_document".to_owned())
    );
    assert_eq!(user.get("/api/v1/workflows").await.at("/workflows"), json!([]));
}

#[tokio::test]
async fn a_schedule_is_stored_with_the_document_and_goes_with_it() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let scheduled = NOOP.to_owned() + "schedule: {every: {minutes: 5}}\n";
    user.store(&scheduled).await.expect(201);
    let due = levqor_store::SchedulerStore::next_schedule(&*app.store)
        .await
        .unwrap();
    assert_eq!(
        due.map(|due| due.0),
        Some(crate::support::ManualClock::START_MICROS + 300_000_000)
    );
    user.store(&named("order", "1.0.1")).await.expect(201);
    assert_eq!(
        levqor_store::SchedulerStore::next_schedule(&*app.store)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn an_activity_of_the_list_may_be_called() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    user.store(&NOOP.replace("set: {ok: true}", "call: test.noop"))
        .await
        .expect(201);
}
