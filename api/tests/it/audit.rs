//! `/api/v1/audit`.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn the_trail_is_read_in_pages_by_chain_and_kind() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "pro").await;
    let ada = app.signed_in(&user, "ada@example.com").await;
    let id = ada.get("/api/v1/users/me").await.expect(200).text("id");
    for version in ["1", "2", "3"] {
        let path = format!("/api/v1/users/{id}/accept-terms");
        ada.post(&path, json!({"version": version})).await.expect(200);
    }
    let first = user.get("/api/v1/audit?stream=people&limit=3").await.expect(200);
    let numbers = |page: &Value| -> Vec<i64> {
        page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["seq"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&first.json()), [4, 3, 2]);
    let next = format!(
        "/api/v1/audit?stream=people&limit=3&cursor={}",
        first.text("next_cursor")
    );
    let second = user.get(&next).await.expect(200);
    assert_eq!(
        (numbers(&second.json()), second.at("/next_cursor")),
        (vec![1], Value::Null)
    );
    assert_eq!(second.at("/entries/0/user_id"), id.as_str());
    let kind = user
        .get("/api/v1/audit?kind=people.token_issued")
        .await
        .expect(200);
    assert_eq!(numbers(&kind.json()), [1]);
    assert_eq!(
        user.get("/api/v1/audit?stream=dsar")
            .await
            .expect(200)
            .at("/entries"),
        json!([])
    );
    let other = first.text("next_cursor");
    let misplaced = user.get(&format!("/api/v1/audit?cursor={other}")).await;
    assert_eq!(misplaced.problem(), (400, "invalid_cursor".to_owned()));
}

#[tokio::test]
async fn a_tenant_reads_its_own_trail_only() {
    let app = TestApp::start().await;
    let (owner, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    app.signed_in(&owner, "ada@example.com").await;
    assert_eq!(
        owner.get("/api/v1/audit").await.expect(200).at("/entries/0/seq"),
        1
    );
    assert_eq!(
        other.get("/api/v1/audit").await.expect(200).at("/entries"),
        json!([])
    );
    assert_eq!(
        app.anonymous().get("/api/v1/audit").await.problem(),
        (401, "unauthenticated".to_owned())
    );
}
