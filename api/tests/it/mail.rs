//! `/api/v1/mails`, `/api/v1/mail/suppressions` and the provider's webhook.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_entities::mails::{ActiveModel, Column, State, secure_update};
use levqor_mail::{Envelope, Kind, enqueue, letters::Test, read::list};
use levqor_store::{Catalogue, MailId, TenantId};
use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, MAIL_SECRET, TestApp, User};

const ADA: &str = "ada@example.org";

/// A tenant's key and its mails.
struct Bench {
    app: TestApp,
    user: User,
    tenant: TenantId,
}

impl Bench {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let user = app.tenant("a", "pro").await;
        let tenant = app.store.tenant_by_name("a").await.unwrap().unwrap().id;
        Self { app, user, tenant }
    }

    /// A mail of the tenant under this key.
    async fn mail(&self, key: &str) -> MailId {
        let platform = &self.app.state.platform;
        let now = platform.db.now().await.unwrap();
        let tx = platform.db.begin().await.unwrap();
        let envelope = Envelope {
            tenant: self.tenant,
            key: key.to_owned(),
            kind: Kind::Transactional,
            to: ADA.to_owned(),
            user: None,
            attachments: Vec::new(),
        };
        let installation = "secret text".to_owned();
        enqueue(&tx, platform, now, envelope, &Test { installation })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        list(&platform.db, self.tenant, None, None, 1).await.unwrap()[0].id
    }

    /// As if the scheduler had tried it.
    async fn set(&self, id: MailId, state: State) {
        let tx = self.app.state.platform.db.begin().await.unwrap();
        let change = ActiveModel {
            state: Set(state),
            attempts: Set(11),
            reason: Set(Some("answered 500".to_owned())),
            provider_id: Set(Some("p1".to_owned())),
            ..ActiveModel::default()
        };
        let update = secure_update(self.tenant).set(change).filter(Column::Id.eq(id));
        update.exec(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn seconds(&self) -> i64 {
        self.app.state.platform.db.now().await.unwrap().0 / 1_000_000
    }

    /// Sends an event, signed now.
    async fn event(&self, body: &Value) -> Answer {
        let (body, at) = (body.to_string(), self.seconds().await);
        self.signed("msg_1", at, &body, &signature("msg_1", at, &body))
            .await
    }

    async fn signed(&self, id: &str, at: i64, body: &str, signature: &str) -> Answer {
        let call = self.app.anonymous().call("POST", "/api/mail/webhook/resend");
        let call = call
            .header("svix-id", id)
            .header("svix-timestamp", &at.to_string());
        call.header("svix-signature", signature)
            .body("application/json", body)
            .send()
            .await
    }

    async fn suppressions(&self) -> Value {
        let path = "/api/v1/mail/suppressions?address=Ada%40example.org";
        self.user.get(path).await.expect(200).at("/suppressions")
    }
}

fn signature(id: &str, at: i64, body: &str) -> String {
    let key = BASE64_STANDARD
        .decode(MAIL_SECRET.trim_start_matches("whsec_"))
        .unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

fn complaint() -> Value {
    json!({"type": "email.complained", "created_at": "2026-01-01T00:00:00Z", "data": {"email_id": "p1"}})
}

#[tokio::test]
async fn mails_are_listed_in_pages_by_state_and_what_they_say_is_not_shown() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        ids.push(bench.mail(key).await);
    }
    bench.set(ids[0], State::Failed).await;
    let first = bench.user.get("/api/v1/mails?limit=2").await.expect(200);
    assert_eq!(
        (first.at("/mails/0/key"), first.at("/mails/1/key")),
        (json!("c"), json!("b"))
    );
    assert_eq!(first.at("/mails/0/recipient"), ADA);
    let next = format!("/api/v1/mails?limit=2&cursor={}", first.text("next_cursor"));
    let second = bench.user.get(&next).await.expect(200);
    assert_eq!(
        (second.at("/mails/0/key"), second.at("/next_cursor")),
        (json!("a"), Value::Null)
    );
    let failed = bench.user.get("/api/v1/mails?state=failed").await.expect(200);
    assert_eq!(failed.at("/mails").as_array().unwrap().len(), 1);
    assert_eq!(failed.at("/mails/0/reason"), "answered 500");
    let one = bench
        .user
        .get(&format!("/api/v1/mails/{}", ids[1]))
        .await
        .expect(200);
    assert_eq!(
        (one.text("state"), one.text("subject")),
        ("queued".to_owned(), "Test mail of secret text".to_owned())
    );
    for answer in [first, second, failed, one] {
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains("Mails from it reach you"), "{text}");
    }
    let wrong = bench.user.get("/api/v1/mails?state=gone").await;
    assert_eq!(wrong.problem(), (400, "invalid_parameter".to_owned()));
}

#[tokio::test]
async fn another_tenants_mails_do_not_exist() {
    let bench = Bench::new().await;
    let id = bench.mail("a").await;
    bench.set(id, State::Failed).await;
    bench.event(&complaint()).await.expect(204);
    let other = bench.app.tenant("b", "pro").await;
    assert_eq!(
        other.get("/api/v1/mails").await.expect(200).at("/mails"),
        json!([])
    );
    let missing = (404, "mail_not_found".to_owned());
    assert_eq!(other.get(&format!("/api/v1/mails/{id}")).await.problem(), missing);
    assert_eq!(
        other
            .call("POST", &format!("/api/v1/mails/{id}/retry"))
            .send()
            .await
            .problem(),
        missing
    );
    let path = format!("/api/v1/mail/suppressions?address={ADA}");
    assert_eq!(other.get(&path).await.expect(200).at("/suppressions"), json!([]));
    assert_eq!(
        other.delete(&path).await.problem(),
        (404, "suppression_not_found".to_owned())
    );
    assert_ne!(bench.suppressions().await, json!([]));
    for path in ["/api/v1/mails", path.as_str()] {
        assert_eq!(bench.app.anonymous().get(path).await.problem().0, 401, "{path}");
    }
}

#[tokio::test]
async fn only_a_failed_mail_is_tried_again() {
    let bench = Bench::new().await;
    let id = bench.mail("a").await;
    let retry = || {
        bench
            .user
            .call("POST", &format!("/api/v1/mails/{id}/retry"))
            .send()
    };
    for state in [State::Queued, State::Sent, State::Suppressed, State::Refused] {
        bench.set(id, state).await;
        assert_eq!(
            retry().await.problem(),
            (409, "mail_not_failed".to_owned()),
            "{state:?}"
        );
    }
    bench.set(id, State::Failed).await;
    let again = retry().await.expect(202);
    assert_eq!(
        (again.text("state"), again.at("/attempts"), again.at("/reason")),
        ("queued".to_owned(), json!(0), Value::Null)
    );
    assert_eq!(retry().await.problem().0, 409);
}

#[tokio::test]
async fn domain_2_9_a_signed_complaint_suppresses_the_address_once_however_often_it_comes() {
    let bench = Bench::new().await;
    let id = bench.mail("a").await;
    bench.set(id, State::Sent).await;
    bench.event(&complaint()).await.expect(204);
    bench.event(&complaint()).await.expect(204);
    let suppressed = bench.suppressions().await;
    assert_eq!(
        suppressed,
        json!([{"cause": "complaint", "since": "2026-01-01T00:00:00.000000Z"}])
    );
    let mail = bench.user.get(&format!("/api/v1/mails/{id}")).await.expect(200);
    assert_eq!(mail.text("complained_at"), "2026-01-01T00:00:00.000000Z");
}

#[tokio::test]
async fn a_suppression_is_lifted_by_the_tenant_and_that_is_in_the_trail() {
    let bench = Bench::new().await;
    let id = bench.mail("a").await;
    bench.set(id, State::Sent).await;
    bench.event(&complaint()).await.expect(204);
    bench
        .user
        .delete("/api/v1/mail/suppressions?address=ada%40example.org")
        .await
        .expect(204);
    assert_eq!(bench.suppressions().await, json!([]));
    let trail = bench.user.get("/api/v1/audit?stream=mail").await.expect(200);
    assert_eq!(trail.at("/entries/0/kind"), "mail.suppression_lifted");
    assert!(!String::from_utf8(trail.body).unwrap().contains("ada@"));
    let again = bench
        .user
        .delete("/api/v1/mail/suppressions?address=ada%40example.org")
        .await;
    assert_eq!(again.problem(), (404, "suppression_not_found".to_owned()));
    bench.event(&complaint()).await.expect(204);
    assert_eq!(
        bench.suppressions().await,
        json!([]),
        "an event from before brought it back"
    );
    let wrong = bench.user.get("/api/v1/mail/suppressions?address=ada").await;
    assert_eq!(wrong.problem(), (400, "invalid_parameter".to_owned()));
}

#[tokio::test]
async fn what_is_not_signed_just_now_changes_nothing() {
    let bench = Bench::new().await;
    let id = bench.mail("a").await;
    bench.set(id, State::Sent).await;
    let (body, now) = (complaint().to_string(), bench.seconds().await);
    let good = signature("msg_1", now, &body);
    let refused = (400, "invalid_signature".to_owned());
    let old = signature("msg_1", now - 301, &body);
    for (id, at, body, signature) in [
        ("msg_2", now, body.as_str(), good.as_str()),
        ("msg_1", now - 1, &body, &good),
        ("msg_1", now, "{}", &good),
        ("msg_1", now - 301, &body, &old),
        ("msg_1", now, &body, "v1,AAAA"),
        ("msg_1", now, &body, "v2"),
    ] {
        assert_eq!(
            bench.signed(id, at, body, signature).await.problem(),
            refused,
            "{id} {at} {signature}"
        );
    }
    let bare = bench
        .app
        .anonymous()
        .post("/api/mail/webhook/resend", complaint())
        .await;
    assert_eq!(bare.problem(), refused);
    assert_eq!(bench.suppressions().await, json!([]));
    bench
        .signed("msg_1", now - 299, &body, &signature("msg_1", now - 299, &body))
        .await
        .expect(204);
    assert_ne!(bench.suppressions().await, json!([]));
}

#[tokio::test]
async fn events_that_say_nothing_here_are_taken_and_other_texts_are_not() {
    let bench = Bench::new().await;
    for known in [
        json!({"type": "email.opened", "data": {"email_id": "p9"}}),
        json!({"type": "contact.created", "data": {"id": "c", "tags": 1}}),
    ] {
        bench.event(&known).await.expect(204);
    }
    for bad in [json!({}), json!([1]), json!({"type": 1, "data": {}}), json!("x")] {
        assert_eq!(
            bench.event(&bad).await.problem(),
            (400, "invalid_member".to_owned()),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn without_its_settings_the_webhook_says_which_is_missing() {
    for (builder, setting) in [
        (TestApp::builder().unsigned(), "secret_key"),
        (TestApp::builder().without_mail_secret(), "resend_webhook_secret"),
    ] {
        let app = builder.start().await;
        let answer = app
            .anonymous()
            .post("/api/mail/webhook/resend", complaint())
            .await;
        assert_eq!(answer.problem(), (501, "not_configured".to_owned()));
        assert!(
            answer.text("detail").contains(setting),
            "{}",
            answer.text("detail")
        );
    }
}
