//! `POST /api/v1/intake/batch`.

use serde_json::{Value, json};

use crate::support::{Answer, CHECKED, NOOP, TestApp, User};

async fn user(app: &TestApp) -> User {
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user
}

async fn count(user: &User) -> usize {
    user.get("/api/v1/runs?limit=200")
        .await
        .expect(200)
        .at("/runs")
        .as_array()
        .unwrap()
        .len()
}

async fn lines(user: &User, text: &str) -> Answer {
    user.call("POST", "/api/v1/intake/batch")
        .body("application/x-ndjson", text)
        .send()
        .await
}

#[tokio::test]
async fn each_item_has_its_own_fate_in_order() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    user.store(CHECKED).await.expect(201);
    let items = json!([
        {"workflow": "shop/order", "payload": 1, "idempotency_key": "k"},
        {"workflow": "shop/nothing", "payload": 1},
        {"workflow": "shop/order", "payload": 2, "idempotency_key": "k"},
        {"workflow": "shop/order", "payload": 1, "idempotency_key": "k"},
        {"workflow": "shop/checked", "payload": {"mail": "x"}},
        {"workflow": "shop/order", "paylod": 1},
        5
    ]);
    let answer = user.post("/api/v1/intake/batch", items).await.expect(207);
    let statuses: Vec<Value> = (0..7).map(|n| answer.at(&format!("/items/{n}/status"))).collect();
    assert_eq!(statuses, [202, 404, 409, 202, 422, 400, 400].map(Value::from));
    assert_eq!(
        (answer.at("/accepted"), answer.at("/refused")),
        (2.into(), 5.into())
    );
    assert_eq!(answer.at("/items/3/job_id"), answer.at("/items/0/job_id"));
    assert_eq!(answer.at("/items/3/replayed"), true);
    assert_eq!(answer.at("/items/4/problem/pointer"), "/payload/mail");
    assert_eq!(answer.at("/items/5/problem/code"), "unknown_member");
    assert_eq!(answer.at("/items/5/problem/instance"), "/5");
    assert_eq!(count(&user).await, 1);
}

#[tokio::test]
async fn lines_of_json_are_taken_too() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let good = r#"{"workflow":"shop/order","payload":{}}"#;
    let answer = lines(&user, &format!("{good}\n\n{good}\r\n")).await.expect(200);
    assert_eq!(
        (answer.at("/accepted"), answer.at("/refused")),
        (2.into(), 0.into())
    );
    let mixed = lines(&user, &format!("{good}\n{{\"a\n{good}")).await.expect(207);
    assert_eq!(mixed.at("/items/1/problem/code"), "invalid_json");
    assert_eq!(count(&user).await, 4);
}

#[tokio::test]
async fn a_thousand_are_taken_and_one_more_refuses_all() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let item = json!({"workflow": "shop/order", "payload": 1});
    let answer = user
        .post("/api/v1/intake/batch", vec![item.clone(); 1000].into())
        .await
        .expect(200);
    assert_eq!(answer.at("/accepted"), 1000);
    let more = user.post("/api/v1/intake/batch", vec![item; 1001].into()).await;
    assert_eq!(more.problem(), (413, "too_many_items".to_owned()));
}

#[tokio::test]
async fn a_broken_array_starts_nothing() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let good = r#"{"workflow":"shop/order","payload":1}"#;
    for body in [
        format!("[{good},{good}"),
        format!("[{good},]"),
        good.to_owned(),
        String::new(),
    ] {
        let call = user
            .call("POST", "/api/v1/intake/batch")
            .body("application/json", body.clone());
        assert_eq!(
            call.send().await.problem(),
            (400, "invalid_json".to_owned()),
            "{body}"
        );
    }
    assert_eq!(count(&user).await, 0);
    user.post("/api/v1/intake/batch", json!([])).await.expect(200);
}

#[tokio::test]
async fn the_bounds_are_eight_mebibytes_and_512_kibibytes_for_an_item() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let large = format!(
        r#"{{"workflow":"shop/order","payload":1,"version":"{}"}}"#,
        "x".repeat(600 * 1024)
    );
    let answer = lines(&user, &large).await.expect(207);
    assert_eq!(answer.at("/items/0/problem/code"), "body_too_large");
    let whole = vec![large.as_str(); 15].join("\n");
    assert_eq!(
        lines(&user, &whole).await.problem(),
        (413, "body_too_large".to_owned())
    );
    let payload = format!(
        r#"{{"workflow":"shop/order","payload":"{}"}}"#,
        "x".repeat(200 * 1024)
    );
    assert_eq!(
        lines(&user, &payload)
            .await
            .expect(207)
            .at("/items/0/problem/code"),
        "payload_too_large"
    );
}
