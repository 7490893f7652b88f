//! `/api/v1/consents`: what a tenant sees and does, and that it is its own only.

use std::time::Duration;

use serde_json::{Value, json};

use super::rig::{ADA, Bench};

#[tokio::test]
async fn consents_are_listed_in_pages_and_filtered() {
    let bench = Bench::new().await;
    for email in ["a@example.com", "b@example.com", "c@example.com"] {
        bench.granted(email, "marketing").await;
    }
    bench.start("d@example.com", "marketing").await.expect(202);
    let (mut seen, mut path) = (Vec::new(), "/api/v1/consents?limit=2".to_owned());
    loop {
        let page = bench.tenant.get(&path).await.expect(200);
        seen.extend(
            page.at("/consents")
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["email"].clone()),
        );
        let Value::String(cursor) = page.at("/next_cursor") else {
            break;
        };
        path = format!("/api/v1/consents?limit=2&cursor={cursor}");
    }
    assert_eq!(
        seen,
        ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
    );
    let pending = bench
        .tenant
        .get("/api/v1/consents?status=pending_double_opt_in")
        .await
        .expect(200);
    assert_eq!(pending.at("/consents/0/email"), "d@example.com");
    assert_eq!(pending.at("/consents").as_array().unwrap().len(), 1);
    for bad in ["status=yes", "email=x", "scope=all", "cursor=00", "limit=0"] {
        bench
            .tenant
            .get(&format!("/api/v1/consents?{bad}"))
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn a_tenant_withdraws_for_a_person() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    bench.app.clock.advance(Duration::from_hours(24));
    bench.granted(ADA, "events").await;
    let one = json!({"email": "ADA@example.com", "scope": "events"});
    assert_eq!(
        bench
            .tenant
            .post("/api/v1/consents/revoke", one)
            .await
            .expect(200)
            .at("/revoked"),
        1
    );
    assert_eq!(bench.status(ADA, "marketing").await, "granted");
    let all = json!({"email": ADA});
    assert_eq!(
        bench
            .tenant
            .post("/api/v1/consents/revoke", all)
            .await
            .expect(200)
            .at("/revoked"),
        1
    );
    assert_eq!(bench.status(ADA, "marketing").await, "revoked");
    let nobody = json!({"email": "x@example.com"});
    assert_eq!(
        bench
            .tenant
            .post("/api/v1/consents/revoke", nobody)
            .await
            .expect(200)
            .at("/revoked"),
        0
    );
}

#[tokio::test]
async fn another_tenant_sees_and_changes_nothing() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    let id = bench
        .tenant
        .get("/api/v1/consents")
        .await
        .expect(200)
        .at("/consents/0/id");
    let other = bench.app.tenant("other", "pro").await;
    assert_eq!(
        other.get("/api/v1/consents").await.expect(200).at("/consents"),
        json!([])
    );
    let receipt = format!("/api/v1/consents/{}/receipt", id.as_str().unwrap());
    assert_eq!(
        other.get(&receipt).await.problem(),
        (404, "consent_not_found".to_owned())
    );
    assert_eq!(other.get("/api/v1/consents/x/receipt").await.problem().0, 404);
    let all = json!({"email": ADA});
    assert_eq!(
        other
            .post("/api/v1/consents/revoke", all)
            .await
            .expect(200)
            .at("/revoked"),
        0
    );
    assert_eq!(bench.status(ADA, "marketing").await, "granted");
    bench.tenant.get(&receipt).await.expect(200);
}
