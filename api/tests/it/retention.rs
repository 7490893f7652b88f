//! `/api/v1/retention`, `/api/v1/legal-holds` and the page about both.

use levqor_entities::reports;
use levqor_retention::{Pace, begin, certify, install, policy::policies, sweep};
use levqor_store::{TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, Insert};
use serde_json::{Value, json};

use crate::support::{TestApp, User};

async fn start() -> TestApp {
    let app = TestApp::start().await;
    install(&app.state.platform.db).await.unwrap();
    app
}

async fn tenant_of(app: &TestApp, name: &str) -> TenantId {
    use levqor_store::Catalogue;
    app.store.tenant_by_name(name).await.unwrap().unwrap().id
}

/// Reports of a tenant that are so many days old.
async fn old_reports(app: &TestApp, tenant: TenantId, count: usize, days: i64) {
    let db = &app.state.platform.db;
    let made = Timestamp(db.now().await.unwrap().0 - days * 86_400_000_000);
    let tx = db.begin().await.unwrap();
    for _ in 0..count {
        let id = app.state.platform.ids.uuid_v7();
        let row = reports::ActiveModel {
            tenant_id: Set(tenant),
            id: Set(levqor_entities::ids::ReportId(id)),
            key: Set(id.to_string()),
            kind: Set(reports::Kind::Operations),
            period_from: Set(made),
            period_to: Set(made),
            mail_to: Set(None),
            state: Set(reports::State::Ready),
            created_at: Set(made),
            ready_at: Set(None),
            pages: Set(None),
            size: Set(None),
            sha256: Set(None),
        };
        Insert::one(row).exec_without_returning(&*tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn policy(user: &User, table: &str) -> Value {
    let list = user.get("/api/v1/retention/policies").await.expect(200);
    let all = list.at("/policies");
    all.as_array()
        .unwrap()
        .iter()
        .find(|policy| policy["table"] == table)
        .unwrap()
        .clone()
}

#[tokio::test]
async fn domain_10_1_a_tenant_sees_all_rules_and_chooses_its_own_periods() {
    let app = start().await;
    let (user, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let list = user.get("/api/v1/retention/policies").await.expect(200);
    assert_eq!(list.at("/policies").as_array().unwrap().len(), policies().count());
    let path = "/api/v1/retention/policies/ended.standard";
    let chosen = user
        .put(path, json!({"days": 60, "reason": "our policy"}))
        .await
        .expect(200);
    assert_eq!(
        (chosen.at("/days"), chosen.at("/default_days")),
        (json!(60), json!(30))
    );
    assert!(chosen.at("/chosen/set_by").as_str().unwrap().starts_with("key:"));
    assert_eq!(policy(&other, "ended.standard").await["days"], 30);
    user.delete(path).await.expect(204);
    user.delete(path).await.expect(204);
    assert_eq!(policy(&user, "ended.standard").await["days"], 30);
}

#[tokio::test]
async fn a_period_out_of_bounds_fixed_or_of_no_table_is_refused_with_its_code() {
    let app = start().await;
    let user = app.tenant("a", "pro").await;
    for (table, body, status, code) in [
        (
            "stripe_events",
            json!({"days": 30, "reason": "x"}),
            400,
            "invalid_member",
        ),
        ("mails", json!({"days": 0, "reason": "x"}), 400, "invalid_member"),
        ("mails", json!({"days": 30, "reason": " "}), 400, "invalid_member"),
        (
            "mails",
            json!({"days": "30", "reason": "x"}),
            400,
            "invalid_member",
        ),
        ("mails", json!({"reason": "x"}), 400, "missing_member"),
        (
            "mails",
            json!({"days": 30, "reason": "x", "until": 1}),
            400,
            "unknown_member",
        ),
        (
            "idempotency",
            json!({"days": 3, "reason": "x"}),
            409,
            "period_fixed",
        ),
        (
            "nothing",
            json!({"days": 3, "reason": "x"}),
            404,
            "policy_not_found",
        ),
    ] {
        let answer = user
            .put(&format!("/api/v1/retention/policies/{table}"), body)
            .await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{table}");
    }
    assert_eq!(
        user.delete("/api/v1/retention/policies/nothing")
            .await
            .problem()
            .0,
        404
    );
}

#[tokio::test]
async fn domain_10_4_a_preview_counts_the_tenants_rows_alone_and_changes_nothing() {
    let app = start().await;
    let (user, _other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    old_reports(&app, tenant_of(&app, "a").await, 7, 400).await;
    old_reports(&app, tenant_of(&app, "b").await, 9, 500).await;
    for _ in 0..2 {
        let preview = user.get("/api/v1/retention/preview").await.expect(200);
        let all = preview.at("/datasets");
        let reports = all
            .as_array()
            .unwrap()
            .iter()
            .find(|due| due["table"] == "reports")
            .unwrap();
        assert_eq!(
            (&reports["rows"], &reports["held"], &reports["days"]),
            (&json!(7), &json!(0), &json!(365))
        );
        assert_eq!(reports["sample"].as_array().unwrap().len(), 5);
        assert!(reports["oldest"].as_str() < reports["cutoff"].as_str());
    }
}

#[tokio::test]
async fn domain_10_6_a_tenant_reads_its_own_certificates() {
    let app = start().await;
    let (user, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let platform = &app.state.platform;
    for _ in 0..2 {
        old_reports(&app, tenant_of(&app, "a").await, 2, 400).await;
        let id = levqor_entities::ids::SweepId(platform.ids.uuid_v7());
        begin(platform, id, std::time::Duration::from_hours(1))
            .await
            .unwrap();
        sweep(platform, id, "reports", &Pace::FAST, |_| true)
            .await
            .unwrap();
        certify(platform, id).await.unwrap();
    }
    let page = user
        .get("/api/v1/retention/certificates?limit=1")
        .await
        .expect(200);
    assert_eq!(page.at("/certificates/0/number"), 2);
    let body: Value = serde_json::from_str(page.at("/certificates/0/body").as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["datasets"][0]["dataset"], &body["datasets"][0]["rows"]),
        (&json!("reports"), &json!(2))
    );
    let next = format!(
        "/api/v1/retention/certificates?limit=1&cursor={}",
        page.text("next_cursor")
    );
    let last = user.get(&next).await.expect(200);
    assert_eq!(body["previous"], last.at("/certificates/0/sha256"));
    assert!(last.json().get("next_cursor").is_none());
    let none = other.get("/api/v1/retention/certificates").await.expect(200);
    assert_eq!(none.at("/certificates"), json!([]));
}

#[tokio::test]
async fn domain_10_2_holds_are_placed_listed_and_released() {
    let app = start().await;
    let (user, other) = (app.tenant("a", "pro").await, app.tenant("b", "pro").await);
    let new = json!({"table": "reports", "authority": "High Court", "reason": "claim 42"});
    let placed = user.post("/api/v1/legal-holds", new).await.expect(201);
    let release = format!("/api/v1/legal-holds/{}/release", placed.text("id"));
    let refused = other.post(&release, json!({"reason": "mine"})).await;
    assert_eq!(refused.problem(), (404, "hold_not_found".to_owned()));
    assert_eq!(
        other
            .get("/api/v1/legal-holds?released=true")
            .await
            .expect(200)
            .at("/holds"),
        json!([])
    );
    assert_eq!(
        user.get("/api/v1/legal-holds")
            .await
            .expect(200)
            .at("/holds/0/table"),
        "reports"
    );
    let released = user
        .post(&release, json!({"reason": "settled"}))
        .await
        .expect(200);
    assert_eq!(released.at("/release_reason"), "settled");
    assert_eq!(
        user.get("/api/v1/legal-holds").await.expect(200).at("/holds"),
        json!([])
    );
    let all = user.get("/api/v1/legal-holds?released=true").await.expect(200);
    assert_eq!(all.at("/holds/0/released_at"), released.at("/released_at"));
    let audit = user.get("/api/v1/audit?stream=retention").await.expect(200);
    assert_eq!(audit.at("/entries/0/kind"), "retention.hold_released");
    assert_eq!(audit.at("/entries/1/kind"), "retention.hold_placed");
}

#[tokio::test]
async fn a_hold_on_nobody_or_nothing_is_refused_with_its_place() {
    let app = start().await;
    let user = app.tenant("a", "pro").await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"authority": "High Court", "reason": "claim 42"});
        body[name] = value;
        body
    };
    for (body, pointer) in [
        (
            with("user_id", json!("0198a0b0-0000-7000-8000-000000000001")),
            "/user_id",
        ),
        (with("user_id", json!("ada")), "/user_id"),
        (with("table", json!("nothing")), "/table"),
        (with("reason", json!("")), "/reason"),
        (with("authority", json!("a\nb")), "/authority"),
    ] {
        let refused = user.post("/api/v1/legal-holds", body).await;
        assert_eq!(refused.problem(), (400, "invalid_member".to_owned()), "{pointer}");
        assert_eq!(refused.json()["pointer"], pointer);
    }
    let bad = user
        .post("/api/v1/legal-holds/nothing/release", json!({"reason": "x"}))
        .await;
    assert_eq!(bad.problem(), (404, "hold_not_found".to_owned()));
}

#[tokio::test]
async fn domain_10_10_the_page_shows_every_rule_from_the_rows_that_are_applied() {
    let app = start().await;
    let page = app.anonymous().get("/privacy/retention").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let text = String::from_utf8(page.body).unwrap();
    for policy in policies() {
        let name = format!("<code>{}</code>", policy.dataset);
        assert!(text.contains(&name), "{name}");
    }
    assert!(
        text.contains("90 days after its end") && text.contains("2192 days (6 years) after it was recorded")
    );

    // Not from this program's list: what the rows say is what is shown.
    let tx = app.state.platform.db.begin().await.unwrap();
    let sql = "UPDATE retention_policies SET days = 77 WHERE dataset = 'mails'";
    sea_orm::ConnectionTrait::execute_unprepared(&*tx, sql)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = app.anonymous().get("/privacy/retention").await.expect(200);
    assert!(
        String::from_utf8(page.body)
            .unwrap()
            .contains("77 days after its end")
    );
}
