//! Budgets: made, changed, and what starts under one that is used up.

use levqor_entities::{audit_events, usage};
use levqor_store::{Catalogue, Clock, EndState, TenantId};
use sea_orm::{Insert, QueryOrder};
use serde_json::{Value, json};

use crate::support::{NOOP, TestApp, User};

/// A tenant with a workflow, and what it spends.
struct Spender {
    app: TestApp,
    user: User,
    tenant: TenantId,
}

impl Spender {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let user = app.tenant("acme", "pro").await;
        let tenant = app.store.tenant_by_name("acme").await.unwrap().unwrap().id;
        user.store(NOOP).await.expect(201);
        Self { app, user, tenant }
    }

    async fn budget(&self, body: Value) -> String {
        self.user
            .post("/api/v1/budgets", body)
            .await
            .expect(201)
            .text("id")
    }

    /// So many mails, of which 25 cost a penny.
    async fn spend(&self, mails: i64) {
        let row = usage::of_mails(self.tenant, self.app.clock.now(), mails);
        let tx = self.app.state.platform.db.begin().await.unwrap();
        Insert::one(row).exec_without_returning(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What is known is forgotten after a second.
    fn wait(&self) {
        self.app.clock.advance(std::time::Duration::from_secs(1));
    }
}

fn order() -> Value {
    json!({"workflow": "shop/order", "payload": {"n": 1}})
}

#[tokio::test]
async fn a_budget_that_is_used_up_refuses_runs_until_it_begins_anew() {
    let spender = Spender::new().await;
    let id = spender
        .budget(json!({"scope": "tenant", "period": "day", "limit": 2}))
        .await;
    spender.spend(49).await;
    spender.user.post("/api/v1/intake", order()).await.expect(202);
    spender.spend(1).await;
    spender.wait();
    let refused = spender.user.post("/api/v1/intake", order()).await;
    assert_eq!(refused.problem(), (402, "budget_exhausted".to_owned()));
    assert_eq!(refused.text("budget_id"), id);
    assert!(
        refused.text("detail").contains("GBP 0.02 of GBP 0.02"),
        "{}",
        refused.text("detail")
    );
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=86_400).contains(&seconds));
    assert!(refused.text("resets_at").ends_with("T00:00:00.000000Z"));
    spender.app.clock.advance(std::time::Duration::from_secs(seconds));
    spender.user.post("/api/v1/intake", order()).await.expect(202);
}

#[tokio::test]
async fn each_item_of_a_batch_is_refused_by_the_budget_it_is_under() {
    let spender = Spender::new().await;
    spender
        .user
        .store(&crate::support::named("free", "1.0.0"))
        .await
        .expect(201);
    spender
        .budget(json!({"scope": "workflow", "subject": "shop/order", "period": "total", "limit": 0}))
        .await;
    let free = json!({"workflow": "shop/free", "payload": {}});
    let answer = spender
        .user
        .post("/api/v1/intake/batch", json!([order(), free]))
        .await
        .expect(207);
    assert_eq!(answer.at("/items/0/problem/code"), "budget_exhausted");
    assert_eq!(answer.at("/items/0/problem/pointer"), "/workflow");
    assert_eq!(answer.at("/items/1/status"), 202);
    assert_eq!(
        answer.at("/items/0/problem/resets_at"),
        Value::Null,
        "it never does"
    );
}

#[tokio::test]
async fn a_key_has_a_budget_of_its_own() {
    let spender = Spender::new().await;
    let other = spender
        .user
        .post("/api/v1/keys", json!({"name": "second"}))
        .await
        .expect(201);
    let other_user = spender.app.with_key(&other.text("secret"));
    spender
        .budget(json!({"scope": "key", "subject": other.at("/key/id"), "period": "month", "limit": 0}))
        .await;
    let refused = other_user.post("/api/v1/intake", order()).await;
    assert_eq!(refused.problem(), (402, "budget_exhausted".to_owned()));
    spender.user.post("/api/v1/intake", order()).await.expect(202);
}

#[tokio::test]
async fn a_budget_is_read_changed_and_deleted_and_the_trail_tells_of_it() {
    let spender = Spender::new().await;
    let user = &spender.user;
    let id = spender
        .budget(
            json!({"scope": "tenant", "period": "month", "limit": 0, "action": "refuse", "currency": "GBP"}),
        )
        .await;
    user.post("/api/v1/intake", order()).await.expect(402);
    let path = format!("/api/v1/budgets/{id}");
    let changed = user.patch(&path, json!({"limit": 100})).await.expect(200);
    assert_eq!(
        (changed.at("/limit"), changed.at("/action")),
        (json!(100), json!("refuse"))
    );
    user.post("/api/v1/intake", order()).await.expect(202);
    let listed = user.get("/api/v1/budgets").await.expect(200);
    assert_eq!(listed.at("/budgets/0"), user.get(&path).await.expect(200).json());
    assert_eq!(listed.at("/budgets/0/exhausted"), false);
    user.delete(&path).await.expect(204);
    for answer in [
        user.get(&path).await,
        user.delete(&path).await,
        user.patch(&path, json!({"limit": 1})).await,
        user.get("/api/v1/budgets/x").await,
    ] {
        assert_eq!(answer.problem(), (404, "budget_not_found".to_owned()));
    }
    let events = audit_events::secure_find(spender.tenant).order_by_asc(audit_events::Column::Seq);
    let events = events.all(spender.app.state.platform.db.reader()).await.unwrap();
    let kinds: Vec<String> = events
        .into_iter()
        .filter(|event| event.stream == "budgets")
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, ["budgets.created", "budgets.changed", "budgets.deleted"]);
}

#[tokio::test]
async fn what_is_no_budget_is_refused_with_its_place() {
    let spender = Spender::new().await;
    spender
        .budget(json!({"scope": "tenant", "period": "day", "limit": 1}))
        .await;
    for (body, status, code, pointer) in [
        (
            json!({"scope": "tenant", "period": "day", "limit": 2}),
            409,
            "budget_exists",
            None,
        ),
        (
            json!({"scope": "all", "period": "day", "limit": 2}),
            400,
            "invalid_member",
            Some("/scope"),
        ),
        (
            json!({"scope": "tenant", "period": "day", "limit": -1}),
            400,
            "invalid_member",
            Some("/limit"),
        ),
        (
            json!({"scope": "tenant", "period": "day"}),
            400,
            "missing_member",
            Some("/limit"),
        ),
        (
            json!({"scope": "workflow", "period": "day", "limit": 2}),
            400,
            "missing_member",
            Some("/subject"),
        ),
        (
            json!({"scope": "workflow", "subject": "order", "period": "day", "limit": 2}),
            400,
            "invalid_member",
            Some("/subject"),
        ),
        (
            json!({"scope": "workflow", "subject": "levqor/dunning", "period": "day", "limit": 2}),
            400,
            "invalid_member",
            Some("/subject"),
        ),
        (
            json!({"scope": "key", "subject": "7", "period": "day", "limit": 2}),
            400,
            "invalid_member",
            Some("/subject"),
        ),
        (
            json!({"scope": "tenant", "subject": "a/b", "period": "day", "limit": 2}),
            400,
            "invalid_member",
            Some("/subject"),
        ),
        (
            json!({"scope": "tenant", "period": "month", "limit": 2, "currency": "EUR"}),
            400,
            "invalid_member",
            Some("/currency"),
        ),
    ] {
        let answer = spender.user.post("/api/v1/budgets", body.clone()).await;
        assert_eq!(answer.problem(), (status, code.to_owned()), "{body}");
        assert_eq!(answer.json()["pointer"].as_str(), pointer, "{body}");
    }
}

#[tokio::test]
async fn a_tenant_sees_and_spends_its_own_budget_only() {
    let spender = Spender::new().await;
    let neighbour = spender.app.tenant("b", "pro").await;
    let id = spender
        .budget(json!({"scope": "tenant", "period": "day", "limit": 0}))
        .await;
    let path = format!("/api/v1/budgets/{id}");
    assert_eq!(
        neighbour.get("/api/v1/budgets").await.expect(200).at("/budgets"),
        json!([])
    );
    neighbour.get(&path).await.expect(404);
    neighbour.patch(&path, json!({"limit": 9})).await.expect(404);
    neighbour.delete(&path).await.expect(404);
    neighbour.store(NOOP).await.expect(201);
    neighbour.post("/api/v1/intake", order()).await.expect(202);
    let mut person = spender.app.signed_in(&spender.user, "ada@example.com").await;
    assert_eq!(
        person.get("/api/v1/budgets").await.problem(),
        (403, "user_token".to_owned())
    );
    person = spender.app.anonymous();
    assert_eq!(
        person.get("/api/v1/budgets").await.problem(),
        (401, "unauthenticated".to_owned())
    );
}

#[tokio::test]
async fn a_document_in_another_currency_is_refused_with_its_place() {
    let spender = Spender::new().await;
    let valued = |currency: &str| {
        NOOP.replace("name: order", &format!(
            "name: valued, metadata: {{levqor.value: {{amount: 250, currency: {currency}, delay_cost_per_hour: 10, deadline: 60}}}}"
        ))
    };
    let refused = spender.user.store(&valued("EUR")).await;
    assert_eq!(refused.problem(), (422, "invalid_document".to_owned()));
    assert_eq!(
        refused.text("pointer"),
        "/document/metadata/levqor.value/currency"
    );
    spender.user.store(&valued("GBP")).await.expect(201);
}

#[tokio::test]
async fn what_a_key_started_counts_to_its_budget() {
    let spender = Spender::new().await;
    let run = spender.user.run().await;
    spender
        .app
        .worker()
        .await
        .end(&run, EndState::Completed, "{}")
        .await;
    let used = usage::secure_find(spender.tenant);
    let found = used.all(spender.app.state.platform.db.reader()).await.unwrap();
    let keys = spender.user.get("/api/v1/keys").await.expect(200);
    let key = found[0].key_id.unwrap().to_string();
    assert_eq!(keys.at("/keys/0/id"), key.as_str());
}
