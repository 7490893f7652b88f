//! The ledger and its sums.

use levqor_entities::usage;
use levqor_ledger::fold;
use levqor_store::{Catalogue, Clock, TenantId, Timestamp};
use sea_orm::{ActiveValue::Set, Insert};
use serde_json::{Value, json};

use crate::support::{NOOP, TestApp, User};

struct Books {
    app: TestApp,
    user: User,
    tenant: TenantId,
}

impl Books {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let user = app.tenant("acme", "pro").await;
        let tenant = app.store.tenant_by_name("acme").await.unwrap().unwrap().id;
        user.store(NOOP).await.expect(201);
        Self { app, user, tenant }
    }

    /// A run of `shop/order` that took an hour and earned 12, so long ago.
    async fn used(&self, days_ago: i64) {
        let at = Timestamp(self.app.clock.now().0 - days_ago * 86_400_000_000);
        let found = self
            .app
            .store
            .versions(self.tenant, "shop", "order")
            .await
            .unwrap();
        let row = usage::ActiveModel {
            workflow_id: Set(Some(found[0].id)),
            completed: Set(1),
            worker_us: Set(3_600_000_000),
            mails: Set(0),
            earned: Set(12),
            ..usage::of_mails(self.tenant, at, 0)
        };
        let tx = self.app.state.platform.db.begin().await.unwrap();
        Insert::one(row).exec_without_returning(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn fold(&self) {
        let accounting = &self.app.state.options.accounting;
        fold(&self.app.state.platform, accounting, 100).await.unwrap();
    }

    async fn entries(&self, query: &str) -> Vec<Value> {
        let page = self.user.get(&format!("/api/v1/ledger{query}")).await.expect(200);
        page.at("/entries").as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn entries_are_read_in_pages_and_sum_to_zero() {
    let books = Books::new().await;
    for days_ago in [0, 1, 2] {
        books.used(days_ago).await;
        books.fold().await;
    }
    let first = books.user.get("/api/v1/ledger?limit=2").await.expect(200);
    let next = format!("/api/v1/ledger?limit=2&cursor={}", first.text("next_cursor"));
    let second = books.user.get(&next).await.expect(200);
    assert_eq!(second.at("/entries").as_array().unwrap().len(), 1);
    assert_eq!(second.at("/next_cursor"), Value::Null);
    let entry = second.at("/entries/0");
    assert_eq!(
        (entry["workflow"].as_str(), entry["currency"].as_str()),
        (Some("shop/order"), Some("GBP"))
    );
    assert_eq!(
        entry["postings"],
        json!([
            {"account": "receivable:value", "amount": 12}, {"account": "income:value", "amount": -12},
            {"account": "expense:worker", "amount": 4}, {"account": "payable:worker", "amount": -4},
        ])
    );
    assert_eq!(entry["detail"]["worker_us"], 3_600_000_000_u64);
    let other = books
        .user
        .get(&format!(
            "/api/v1/ledger?cursor={}&account=expense:worker",
            first.text("next_cursor")
        ))
        .await;
    assert_eq!(other.problem(), (400, "invalid_cursor".to_owned()));
}

#[tokio::test]
async fn entries_are_filtered_by_time_account_and_workflow() {
    let books = Books::new().await;
    books.used(0).await;
    books.fold().await;
    let now = books.entries("").await[0]["at"].as_str().unwrap().to_owned();
    for (query, count) in [
        ("?account=expense:worker".to_owned(), 1),
        ("?account=payable:worker".to_owned(), 1),
        ("?account=expense:mails".to_owned(), 0),
        ("?workflow=shop/order".to_owned(), 1),
        ("?workflow=shop/other".to_owned(), 0),
        (format!("?from={now}"), 1),
        (format!("?to={now}"), 0),
    ] {
        assert_eq!(books.entries(&query).await.len(), count, "{query}");
    }
    for query in ["?account=cash", "?workflow=order", "?from=today", "?limit=0"] {
        let refused = books.user.get(&format!("/api/v1/ledger{query}")).await;
        assert_eq!(
            refused.problem(),
            (400, "invalid_parameter".to_owned()),
            "{query}"
        );
    }
    let neighbour = books.app.tenant("b", "pro").await;
    assert_eq!(
        neighbour.get("/api/v1/ledger").await.expect(200).at("/entries"),
        json!([])
    );
}

#[tokio::test]
async fn value_cost_and_margin_are_summed_booked_or_not() {
    let books = Books::new().await;
    books.used(0).await;
    books.used(1).await;
    books.fold().await;
    books.used(0).await;
    let today = books.entries("?limit=1").await[0]["day"]
        .as_str()
        .unwrap()
        .to_owned();
    let summary = async |query: &str| {
        let path = format!("/api/v1/ledger/summary{query}");
        books.user.get(&path).await.expect(200).json()
    };
    let day = summary(&format!("?from={today}&period=day")).await;
    let line = &day["lines"][0];
    assert_eq!(
        (day["lines"].as_array().unwrap().len(), line["from"].as_str()),
        (1, Some(today.as_str()))
    );
    assert_eq!(
        (&line["completed"], &line["value"], &line["cost"], &line["margin"]),
        (&json!(2), &json!(24), &json!(8), &json!(16))
    );
    assert_eq!(
        line["cost_micros"],
        json!({"worker": 8_000_000, "calls": 0, "mails": 0})
    );
    let all = summary("?from=2020-06-01&to=2020-06-02").await;
    assert_eq!(all["lines"], json!([]));
    let month = summary("?period=month&workflow=shop/order").await;
    assert!(month["lines"][0]["value"].as_i64() >= Some(24), "{month}");
    for query in ["?from=x", "?to=2020-01-01", "?period=year", "?workflow=x"] {
        let refused = books.user.get(&format!("/api/v1/ledger/summary{query}")).await;
        assert_eq!(
            refused.problem(),
            (400, "invalid_parameter".to_owned()),
            "{query}"
        );
    }
}
