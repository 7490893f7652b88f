//! Input schemas made to keep the server busy.

use serde_json::{Value, json};

use crate::support::{CHECKED, TestApp, User};

/// Stores `shop/hostile`, whose input has this schema.
async fn hostile(user: &User, schema: &Value) {
    let document = json!({
        "document": {"dsl": "1.0.3", "namespace": "shop", "name": "hostile", "version": "1.0.0"},
        "input": {"schema": {"document": schema}},
        "do": [{"reply": {"set": {"ok": true}}}],
    });
    user.store(&document.to_string()).await.expect(201);
}

/// Text without a pattern: a search for `a`, then any 1,000 letters, then `c` keeps some 500 places in mind.
fn letters(count: usize) -> String {
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 31 == 0 { 'a' } else { 'b' }
    };
    (0..count).map(|_| letter()).collect()
}

#[tokio::test]
async fn others_are_served_while_a_slow_schema_is_checked_and_its_caller_is_told_after_two_seconds() {
    let app = TestApp::start().await;
    let (user, other) = (
        app.tenant("a", "enterprise").await,
        app.tenant("b", "enterprise").await,
    );
    hostile(&user, &json!({"pattern": "a[ab]{1000}c"})).await;
    other.store(CHECKED).await.expect(201);
    let quick = json!({"workflow": "shop/checked", "payload": {"mail": "a@example.com"}});
    // What only the first request has to do is done, so that a busy machine does not make the race long.
    other.post("/api/v1/intake", quick.clone()).await.expect(202);
    let slow = json!({"workflow": "shop/hostile", "payload": letters(150 * 1024)});
    let slow = user.post("/api/v1/intake", slow);
    tokio::pin!(slow);
    tokio::select! {
        biased;
        // There is one thread: a check on it would end before anything else begins.
        answer = &mut slow => panic!("first was {}", answer.status),
        answer = other.post("/api/v1/intake", quick) => answer.expect(202),
    };
    tokio::time::pause();
    let told = slow.await;
    tokio::time::resume();
    assert_eq!(told.problem(), (503, "overloaded".to_owned()));
    let runs = user.get("/api/v1/runs").await.expect(200).at("/runs");
    assert_eq!(runs, json!([]));
}

#[tokio::test]
async fn a_payload_that_is_wrong_in_a_million_places_is_refused_with_the_first() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    let all = vec![json!({"type": "string"}); 300];
    hostile(&user, &json!({"items": {"allOf": all}})).await;
    let body = json!({"workflow": "shop/hostile", "payload": vec![1; 4_000]});
    let answer = user.post("/api/v1/intake", body).await;
    assert_eq!(answer.problem(), (422, "invalid_input".to_owned()));
    assert_eq!(answer.text("pointer"), "/payload/0");
    assert_eq!(answer.at("/errors").as_array().unwrap().len(), 1);
}
