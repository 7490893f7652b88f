//! Bills of tenants: what Stripe sends, what is answered while one is overdue, and paying it.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use levqor_billing::{Payer, PortalError, Stage, advance, link, process};
use levqor_entities::{audit_events, stripe_events};
use levqor_platform::Platform;
use levqor_store::{Catalogue, TenantId};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, ManualClock, NOOP, TestApp, User};

const DAY: Duration = Duration::from_hours(24);

/// A tenant whose bill is late.
struct Debtor {
    app: TestApp,
    user: User,
    tenant: TenantId,
}

impl Debtor {
    async fn new() -> Self {
        let app = TestApp::builder().public_url("https://levqor.test").start().await;
        let user = app.tenant("acme", "pro").await;
        let tenant = app.store.tenant_by_name("acme").await.unwrap().unwrap().id;
        platform(&app).processes.install_system().await.unwrap();
        let payer = Payer {
            customer: "cus_acme".to_owned(),
            email: Some("pay@acme.test".to_owned()),
            locale: None,
        };
        link(platform(&app), tenant, &payer).await.unwrap();
        user.store(NOOP).await.expect(201);
        Self { app, user, tenant }
    }

    /// One whose bill is overdue for so long that nothing new starts.
    async fn suspended() -> Self {
        let debtor = Self::new().await;
        debtor.event("invoice.payment_failed", "open").await;
        debtor.app.clock.advance(17 * DAY);
        let step = advance(platform(&debtor.app), debtor.tenant, "in_1")
            .await
            .unwrap();
        assert_eq!(step.stage, Some(Stage::Suspended));
        debtor
    }

    /// An event about the invoice, sent as Stripe does, and processed.
    async fn event(&self, kind: &str, status: &str) {
        let object = json!({"id": "in_1", "object": "invoice", "customer": "cus_acme", "number": "LVQ-1",
            "status": status, "amount_due": 2_900, "currency": "gbp", "billing_reason": "subscription_cycle"});
        send(&self.app, &event(&self.app, kind, &object).to_string())
            .await
            .expect(200);
        process(platform(&self.app)).await.unwrap();
    }

    async fn pay_path(&self) -> String {
        let url = self
            .user
            .get("/api/billing/status")
            .await
            .expect(200)
            .text("billing_url");
        url.strip_prefix("https://levqor.test").unwrap().to_owned()
    }

    async fn start(&self) -> Answer {
        self.user.post("/api/v1/intake", order()).await
    }
}

fn order() -> Value {
    json!({"workflow": "shop/order", "payload": {"n": 1}})
}

fn platform(app: &TestApp) -> &Platform {
    &app.state.platform
}

fn seconds(app: &TestApp) -> i64 {
    use levqor_store::Clock;
    app.clock.now().0 / 1_000_000
}

fn event(app: &TestApp, kind: &str, object: &Value) -> Value {
    json!({"id": format!("evt_{kind}"), "type": kind, "created": seconds(app), "data": {"object": object}})
}

fn sign(secret: &str, time: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn post(app: &TestApp, body: &str, signature: Option<&str>) -> Answer {
    let call = app.anonymous().call("POST", "/api/stripe/webhook");
    let call = call.body("application/json; charset=utf-8", body);
    match signature {
        Some(signature) => call.header("stripe-signature", signature).send().await,
        None => call.send().await,
    }
}

async fn send(app: &TestApp, body: &str) -> Answer {
    post(app, body, Some(&sign("whsec_test", seconds(app), body))).await
}

/// Bodies of all events stored.
async fn stored(app: &TestApp) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    for state in [
        stripe_events::State::Pending,
        stripe_events::State::Done,
        stripe_events::State::Unlinked,
    ] {
        let rows = stripe_events::find_in(state)
            .all(platform(app).db.reader())
            .await
            .unwrap();
        bodies.extend(rows.into_iter().map(|row| row.body));
    }
    bodies
}

#[tokio::test]
async fn domain_4_1_a_signed_event_is_stored_byte_for_byte_and_once() {
    let app = TestApp::start().await;
    let body = "{ \"id\":\"evt_1\",\n \"type\": \"invoice.paid\", \"note\": \"caf\u{e9}\" }\n";
    assert_eq!(send(&app, body).await.expect(200).at("/duplicate"), false);
    assert_eq!(send(&app, body).await.expect(200).at("/duplicate"), true);
    assert_eq!(stored(&app).await, [body.as_bytes()]);
}

#[tokio::test]
async fn domain_4_2_what_is_not_signed_by_stripe_now_is_400_and_not_stored() {
    let app = TestApp::start().await;
    let (body, now) = ("{\"id\":\"evt_1\"}", seconds(&app));
    let good = sign("whsec_test", now, body);
    for signature in [
        None,
        Some(""),
        Some("v1=00"),
        Some(sign("whsec_other", now, body).as_str()),
        Some(sign("whsec_test", now, "{\"id\":\"evt_2\"}").as_str()),
        Some(sign("whsec_test", now - 301, body).as_str()),
        Some(sign("whsec_test", now + 301, body).as_str()),
        Some(good.replace("v1=", "v0=").as_str()),
    ] {
        let answer = post(&app, body, signature).await;
        assert_eq!(
            answer.problem(),
            (400, "invalid_signature".to_owned()),
            "{signature:?}"
        );
    }
    assert!(stored(&app).await.is_empty());
    post(&app, body, Some(&sign("whsec_old", now, body)))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_signed_body_of_any_shape_is_taken() {
    let app = TestApp::start().await;
    for body in [
        "",
        "[]",
        "not json",
        "{\"id\": {\"new\": \"shape\"}}",
        "{\"id\": \"evt_1\", \"type\": 7}",
    ] {
        send(&app, body).await.expect(200);
    }
    assert_eq!(stored(&app).await.len(), 5);
    process(platform(&app)).await.unwrap();
}

#[tokio::test]
async fn without_its_settings_each_operation_says_which_is_missing() {
    let app = TestApp::builder()
        .public_url("https://levqor.test")
        .without_stripe()
        .start()
        .await;
    let user = app.tenant("acme", "pro").await;
    let answer = send(&app, "{}").await;
    assert_eq!(answer.problem(), (501, "not_configured".to_owned()));
    assert!(answer.text("detail").contains("stripe_webhook_secrets"));
    let answer = user.post("/api/billing/portal", json!({})).await.expect(501);
    assert!(answer.text("detail").contains("stripe_secret_key"));
    let unsigned = TestApp::builder()
        .public_url("https://levqor.test")
        .unsigned()
        .start()
        .await;
    let answer = unsigned.anonymous().get("/billing/pay/abc").await.expect(501);
    assert!(answer.text("detail").contains("secret_key"));
    user.get("/api/billing/status").await.expect(200);
}

#[tokio::test]
async fn domain_4_13_a_tenant_sees_what_it_owes_and_nobody_elses() {
    let debtor = Debtor::new().await;
    let status = debtor.user.get("/api/billing/status").await.expect(200).json();
    assert_eq!(
        (&status["status"], &status["invoices"]),
        (&json!("ok"), &json!([]))
    );
    debtor.event("invoice.payment_failed", "open").await;
    assert_eq!(
        debtor.user.get("/api/billing/status").await.at("/status"),
        "past_due"
    );
    advance(platform(&debtor.app), debtor.tenant, "in_1")
        .await
        .unwrap();
    let status = debtor.user.get("/api/billing/status").await.expect(200).json();
    assert_eq!(status["status"], "day1_notice");
    assert_eq!(status["next_action_at"], "2026-01-08T00:00:00.000000Z");
    let expected = json!({"id": "in_1", "number": "LVQ-1", "amount": 2_900, "currency": "GBP", "stage": "day1_notice",
        "past_due_since": "2026-01-01T00:00:00.000000Z", "next_action_at": "2026-01-08T00:00:00.000000Z"});
    assert_eq!(status["invoices"], json!([expected]));
    let other = debtor.app.tenant("other", "pro").await;
    let status = other.get("/api/billing/status").await.expect(200).json();
    assert_eq!(status, json!({"status": "ok", "invoices": []}));
    debtor
        .app
        .anonymous()
        .get("/api/billing/status")
        .await
        .expect(401);
    assert_eq!(ManualClock::START_MICROS, 1_767_225_600_000_000);
}

#[tokio::test]
async fn domain_4_9_while_suspended_nothing_new_starts_and_everything_else_stays_open() {
    let debtor = Debtor::new().await;
    let before = debtor.user.run().await;
    debtor.event("invoice.payment_failed", "open").await;
    debtor.app.clock.advance(17 * DAY);
    advance(platform(&debtor.app), debtor.tenant, "in_1")
        .await
        .unwrap();
    let answer = debtor.start().await;
    assert_eq!(answer.problem(), (402, "billing_suspended".to_owned()));
    assert!(
        answer
            .text("billing_url")
            .starts_with("https://levqor.test/billing/pay/")
    );
    let answer = debtor.user.post("/api/v1/intake/batch", json!([order()])).await;
    assert_eq!(answer.problem(), (402, "billing_suspended".to_owned()));
    for path in [
        "/api/v1/runs".to_owned(),
        format!("/api/v1/runs/{before}"),
        format!("/api/v1/runs/{before}/journal"),
        "/api/v1/workflows".to_owned(),
        "/api/v1/keys".to_owned(),
        "/api/v1/users".to_owned(),
        "/api/billing/status".to_owned(),
    ] {
        debtor.user.get(&path).await.expect(200);
    }
    let other = debtor.app.tenant("other", "pro").await;
    other.store(NOOP).await.expect(201);
    other.run().await;
}

#[tokio::test]
async fn domain_4_9_while_suspended_no_marketing_mail_is_taken() {
    let debtor = Debtor::suspended().await;
    let sender = json!({"name": "Acme", "postal_address": "1 High St, Leeds"});
    let put = debtor.user.call("PUT", "/api/v1/marketing/sender");
    put.body("application/json", sender.to_string())
        .send()
        .await
        .expect(200);
    let news = json!({"scope": "marketing", "subject": "News", "text": "There are news."});
    let answer = debtor.user.post("/api/v1/marketing/send", news.clone()).await;
    assert_eq!(answer.problem(), (402, "billing_suspended".to_owned()));
    debtor.event("invoice.paid", "paid").await;
    debtor.app.clock.advance(Duration::from_secs(1));
    debtor.user.post("/api/v1/marketing/send", news).await.expect(202);
}

#[tokio::test]
async fn domain_4_10_a_payment_opens_the_service_within_a_second() {
    let debtor = Debtor::suspended().await;
    debtor.start().await.expect(402);
    debtor.event("invoice.paid", "paid").await;
    debtor.app.clock.advance(Duration::from_secs(1));
    debtor.start().await.expect(202);
    assert_eq!(debtor.user.get("/api/billing/status").await.at("/status"), "ok");
}

#[tokio::test]
async fn domain_4_8_the_link_of_a_letter_shows_a_page_and_only_its_button_asks_stripe() {
    let debtor = Debtor::suspended().await;
    let (path, browser) = (debtor.pay_path().await, debtor.app.anonymous());
    for method in ["GET", "HEAD"] {
        let page = browser.call(method, &path).send().await.expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(
            page.header("content-security-policy")
                .contains("form-action 'self' https:;")
        );
    }
    let page = String::from_utf8(browser.get(&path).await.body).unwrap();
    assert!(page.contains("LVQ-1") && page.contains("GBP 29.00"), "{page}");
    assert!(
        page.contains(&format!("<form method=\"post\" action=\"{path}\">")),
        "{page}"
    );
    assert!(debtor.app.portal.asked.lock().is_empty());
    let answer = browser.call("POST", &path).send().await.expect(303);
    assert_eq!(
        answer.header("location"),
        "https://billing.stripe.com/p/session/cus_acme"
    );
    let asked = debtor.app.portal.asked.lock().clone();
    assert_eq!(
        (asked[0][0].as_str(), asked[0][1].as_str()),
        ("cus_acme", "https://levqor.test/")
    );
    browser.call("POST", &path).send().await.expect(303);
    assert_eq!(
        debtor.app.portal.asked.lock()[1],
        asked[0],
        "two clicks have one key"
    );
    debtor.app.clock.advance(Duration::from_mins(1));
    browser.call("POST", &path).send().await.expect(303);
    assert_ne!(debtor.app.portal.asked.lock()[2][2], asked[0][2]);
    let opened = audit_events::secure_find(debtor.tenant)
        .all(platform(&debtor.app).db.reader())
        .await
        .unwrap();
    assert!(opened.iter().any(|entry| entry.kind == "billing.portal_opened"));
}

#[tokio::test]
async fn a_link_that_is_forged_or_too_old_opens_nothing() {
    let debtor = Debtor::suspended().await;
    let (path, browser) = (debtor.pay_path().await, debtor.app.anonymous());
    let flipped = |at: usize| {
        let mut bytes = path.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let start = "/billing/pay/".len();
    let mut forged: Vec<String> = [start, start + 25, start + 40, path.len() - 2]
        .map(flipped)
        .into();
    forged.extend([
        "/billing/pay/x".to_owned(),
        format!("{path}AA"),
        path[..path.len() - 4].to_owned(),
    ]);
    for path in &forged {
        browser.get(path).await.expect(404);
        browser.call("POST", path).send().await.expect(404);
    }
    debtor.app.clock.advance(31 * DAY);
    browser.get(&path).await.expect(410);
    browser.call("POST", &path).send().await.expect(410);
    assert!(debtor.app.portal.asked.lock().is_empty());
}

#[tokio::test]
async fn while_stripe_is_away_the_page_says_so_and_offers_another_try() {
    let debtor = Debtor::suspended().await;
    *debtor.app.portal.trouble.lock() = Some(PortalError::Unavailable("503".to_owned()));
    let path = debtor.pay_path().await;
    let answer = debtor.app.anonymous().call("POST", &path).send().await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "10"));
    assert!(String::from_utf8(answer.body).unwrap().contains("Try again"));
    let answer = debtor.user.post("/api/billing/portal", json!({})).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    *debtor.app.portal.trouble.lock() = Some(PortalError::Refused("No such customer".to_owned()));
    debtor
        .user
        .post("/api/billing/portal", json!({}))
        .await
        .expect(500);
}

#[tokio::test]
async fn a_tenants_key_opens_the_portal_of_its_own_customer() {
    let debtor = Debtor::suspended().await;
    let url = debtor
        .user
        .post("/api/billing/portal", json!({}))
        .await
        .expect(200)
        .text("url");
    assert_eq!(url, "https://billing.stripe.com/p/session/cus_acme");
    let other = debtor.app.tenant("other", "pro").await;
    let answer = other.post("/api/billing/portal", json!({})).await;
    assert_eq!(answer.problem(), (404, "billing_account_not_found".to_owned()));
    debtor
        .app
        .anonymous()
        .post("/api/billing/portal", json!({}))
        .await
        .expect(401);
}

#[tokio::test]
async fn neither_stripe_nor_who_pays_is_held_up_by_the_rate_of_strangers() {
    let app = TestApp::builder()
        .rates(levqor_api::Rates::default())
        .start()
        .await;
    for number in 0..30 {
        send(&app, &format!("{{\"id\": \"evt_{number}\"}}"))
            .await
            .expect(200);
        app.anonymous().get("/billing/pay/x").await.expect(404);
    }
}
