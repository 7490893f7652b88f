//! `/api/v1/reports`: orders, their files, and whose they are.

use levqor_reports::{Scope, render};
use levqor_store::{Catalogue, TenantId};
use serde_json::{Value, json};

use crate::support::{TestApp, User};

/// A tenant's key.
struct Desk {
    app: TestApp,
    user: User,
    tenant: TenantId,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let user = app.tenant("acme", "pro").await;
        let tenant = app.store.tenant_by_name("acme").await.unwrap().unwrap().id;
        Self { app, user, tenant }
    }

    async fn order(&self, order: Value) -> crate::support::Answer {
        self.user.post("/api/v1/reports", order).await
    }

    /// What the run of a report does.
    async fn write(&self, id: &str) {
        let scope = Scope {
            platform: &self.app.state.platform,
            tenant: self.tenant,
            installation: false,
        };
        render(scope, id.parse().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_report_is_ordered_written_and_downloaded() {
    let desk = Desk::new().await;
    let ordered = desk.order(json!({"kind": "evidence"})).await.expect(202);
    let (id, queued) = (ordered.text("id"), ordered.json());
    assert_eq!(
        (&queued["state"], &queued["ready_at"]),
        (&json!("queued"), &Value::Null)
    );
    assert!(
        queued["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/api/v1/reports/{id}")),
        "{queued}"
    );
    let file = format!("/api/v1/reports/{id}/file");
    let early = desk.user.get(&file).await;
    assert_eq!(early.problem(), (409, "report_not_ready".to_owned()));
    assert_eq!(early.header("retry-after"), "2");
    desk.write(&id).await;
    let report = desk.user.get(&format!("/api/v1/reports/{id}")).await.expect(200);
    assert_eq!(report.text("state"), "ready");
    let file = desk.user.get(&file).await.expect(200);
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(
        file.header("content-disposition"),
        format!("attachment; filename=\"report-{id}.pdf\"")
    );
    assert!(file.body.starts_with(b"%PDF-") && report.at("/size") == file.body.len());
}

#[tokio::test]
async fn one_key_is_one_report_and_orders_without_a_key_are_many() {
    let desk = Desk::new().await;
    let order = json!({"kind": "operations", "key": "w1"});
    let first = desk.order(order.clone()).await.expect(202).text("id");
    assert_eq!(desk.order(order.clone()).await.expect(202).text("id"), first);
    desk.write(&first).await;
    assert_eq!(desk.order(order).await.expect(200).text("id"), first);
    let keyless = json!({"kind": "operations"});
    let second = desk.order(keyless.clone()).await.expect(202).text("id");
    assert_ne!(desk.order(keyless).await.expect(202).text("id"), second);
}

#[tokio::test]
async fn without_a_period_it_is_the_last_whole_week() {
    let desk = Desk::new().await;
    // The clock begins on Thursday, 1 January 2026.
    let report = desk.order(json!({"kind": "operations"})).await.expect(202);
    assert_eq!(report.text("from"), "2025-12-22T00:00:00.000000Z");
    assert_eq!(report.text("to"), "2025-12-29T00:00:00.000000Z");
}

#[tokio::test]
async fn reports_are_listed_newest_first_in_pages() {
    let desk = Desk::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(
            0,
            desk.order(json!({"kind": "evidence"}))
                .await
                .expect(202)
                .text("id"),
        );
    }
    let first = desk.user.get("/api/v1/reports?limit=2").await.expect(200);
    let rest = format!("/api/v1/reports?limit=2&cursor={}", first.text("next_cursor"));
    let rest = desk.user.get(&rest).await.expect(200).json();
    assert_eq!(rest.get("next_cursor"), None);
    let pages = [first.json(), rest];
    let listed = pages.iter().flat_map(|page| page["reports"].as_array().unwrap());
    let listed: Vec<&str> = listed.map(|report| report["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
    desk.user.get("/api/v1/reports?limit=0").await.expect(400);
    desk.user.get("/api/v1/reports?cursor=x").await.expect(400);
}

#[tokio::test]
async fn another_tenants_reports_do_not_exist_and_its_keys_are_its_own() {
    let desk = Desk::new().await;
    let order = json!({"kind": "evidence", "key": "w1"});
    let id = desk.order(order.clone()).await.expect(202).text("id");
    let other = desk.app.tenant("other", "pro").await;
    for path in [
        format!("/api/v1/reports/{id}"),
        format!("/api/v1/reports/{id}/file"),
        "/api/v1/reports/x".to_owned(),
    ] {
        assert_eq!(
            other.get(&path).await.problem(),
            (404, "report_not_found".to_owned()),
            "{path}"
        );
    }
    assert_eq!(
        other.get("/api/v1/reports").await.expect(200).at("/reports"),
        json!([])
    );
    assert_ne!(
        other.post("/api/v1/reports", order).await.expect(202).text("id"),
        id
    );
}

#[tokio::test]
async fn neither_strangers_nor_people_order_or_read_reports() {
    let desk = Desk::new().await;
    let id = desk
        .order(json!({"kind": "evidence"}))
        .await
        .expect(202)
        .text("id");
    let ada = desk.app.signed_in(&desk.user, "ada@example.org").await;
    let stranger = desk.app.anonymous();
    for path in [
        "/api/v1/reports".to_owned(),
        format!("/api/v1/reports/{id}"),
        format!("/api/v1/reports/{id}/file"),
    ] {
        assert_eq!(
            ada.get(&path).await.problem(),
            (403, "user_token".to_owned()),
            "{path}"
        );
        stranger.get(&path).await.expect(401);
    }
    let order = json!({"kind": "evidence"});
    assert_eq!(ada.post("/api/v1/reports", order.clone()).await.problem().0, 403);
    stranger.post("/api/v1/reports", order).await.expect(401);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_names_the_member() {
    let desk = Desk::new().await;
    let period = |from: &str, to: &str| json!({"kind": "evidence", "from": from, "to": to});
    for (order, pointer, code) in [
        (json!({}), "/kind", "missing_member"),
        (json!({"kind": "weather"}), "/kind", "invalid_member"),
        (
            json!({"kind": "evidence", "period": "week"}),
            "/period",
            "unknown_member",
        ),
        (
            json!({"kind": "evidence", "from": "2026-01-01T00:00:00Z"}),
            "/to",
            "invalid_member",
        ),
        (
            json!({"kind": "evidence", "to": "2026-01-01T00:00:00Z"}),
            "/from",
            "invalid_member",
        ),
        (
            period("yesterday", "2026-01-01T00:00:00Z"),
            "/from",
            "invalid_member",
        ),
        (
            period("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            "/to",
            "invalid_member",
        ),
        (
            period("2025-01-01T00:00:00Z", "2025-04-04T00:00:00Z"),
            "/to",
            "invalid_member",
        ),
        (
            json!({"kind": "evidence", "mail_to": "nobody"}),
            "/mail_to",
            "invalid_member",
        ),
        (json!({"kind": "evidence", "key": ""}), "/key", "invalid_member"),
        (
            json!({"kind": "evidence", "key": "a\nb"}),
            "/key",
            "invalid_member",
        ),
        (
            json!({"kind": "evidence", "key": "k".repeat(201)}),
            "/key",
            "invalid_member",
        ),
    ] {
        let answer = desk.order(order.clone()).await;
        let (status, found) = answer.problem();
        assert!(
            (400..=422).contains(&status) && found == code,
            "{order}: {status} {found}"
        );
        assert_eq!(answer.text("pointer"), pointer, "{order}");
    }
    desk.order(period("2025-01-01T00:00:00Z", "2025-04-03T00:00:00Z"))
        .await
        .expect(202);
}
