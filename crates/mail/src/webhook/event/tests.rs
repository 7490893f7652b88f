use std::time::Duration;

use levqor_platform::testing::TestPlatform;
use serde_json::json;

use super::*;
use crate::{
    Kind, outbox,
    read::Mail,
    suppressions::{find as suppressed, lift},
    testing::{ADA, queued, seen},
};

/// A mail that was sent under the provider id `p1`.
struct Bench {
    app: TestPlatform,
    mail: Model,
}

impl Bench {
    async fn new() -> Self {
        let app = TestPlatform::sqlite().await;
        queued(&app, "k", Kind::Transactional).await;
        let mail = outbox::lease(&app.platform.db, 1).await.unwrap().remove(0);
        let sent = crate::Fate::Sent(Some("p1".to_owned()));
        outbox::settle(&app.platform, &mail, &sent).await.unwrap();
        Self { app, mail }
    }

    fn secrets(&self) -> &Secrets {
        self.app.platform.secrets("test").unwrap()
    }

    async fn apply(&self, event: Value) {
        let event = Event::parse(event.to_string().as_bytes()).unwrap();
        apply(&self.app.platform, self.secrets(), &event).await.unwrap();
    }

    async fn mail(&self) -> Mail {
        seen(&self.app, &self.mail).await
    }

    async fn causes(&self) -> Vec<Cause> {
        let platform = &self.app.platform;
        let found = suppressed(&platform.db, self.secrets(), self.app.tenant, ADA)
            .await
            .unwrap();
        found.into_iter().map(|found| found.cause).collect()
    }
}

fn event(kind: &str, at: &str) -> Value {
    json!({"type": kind, "created_at": at, "data": {"email_id": "p1", "to": [ADA]}})
}

const NOON: &str = "2026-01-31T12:00:00.000Z";

#[tokio::test]
async fn a_delivery_is_noted_once() {
    let bench = Bench::new().await;
    bench.apply(event("email.delivered", NOON)).await;
    bench
        .apply(event("email.delivered", "2026-01-31T13:00:00Z"))
        .await;
    assert_eq!(
        bench.mail().await.delivered_at,
        Some(Timestamp(1_769_860_800_000_000))
    );
    assert_eq!(bench.causes().await, []);
}

#[tokio::test]
async fn domain_2_9_a_hard_bounce_and_a_complaint_suppress_the_address() {
    let bench = Bench::new().await;
    let mut bounce = event("email.bounced", NOON);
    bounce["data"]["bounce"] = json!({"type": "Permanent", "subType": "General"});
    bench.apply(bounce.clone()).await;
    bench.apply(bounce).await;
    assert_eq!(bench.causes().await, [Cause::Bounce]);
    bench.apply(event("email.complained", NOON)).await;
    assert_eq!(bench.causes().await, [Cause::Bounce, Cause::Complaint]);
    let mail = bench.mail().await;
    assert!(mail.bounced_at.is_some() && mail.complained_at.is_some());
}

#[tokio::test]
async fn a_mailbox_that_was_full_suppresses_nothing() {
    let bench = Bench::new().await;
    for kind in ["Transient", "Undetermined"] {
        let mut bounce = event("email.bounced", NOON);
        bounce["data"]["bounce"] = json!({ "type": kind });
        bench.apply(bounce).await;
    }
    bench.apply(event("email.opened", NOON)).await;
    assert_eq!(
        (bench.causes().await, bench.mail().await.bounced_at),
        (Vec::new(), None)
    );
}

#[tokio::test]
async fn what_was_seen_before_a_suppression_was_lifted_does_not_bring_it_back() {
    let bench = Bench::new().await;
    bench.apply(event("email.complained", NOON)).await;
    bench.app.clock.advance(Duration::from_hours(1));
    let db = &bench.app.platform.db;
    let tx = db.begin().await.unwrap();
    let now = db.now().await.unwrap();
    assert!(
        lift(&tx, bench.secrets(), bench.app.tenant, ADA, now)
            .await
            .unwrap()
            .is_some()
    );
    tx.commit().await.unwrap();
    bench.apply(event("email.complained", NOON)).await;
    assert_eq!(bench.causes().await, []);
    bench
        .apply(event("email.complained", "2026-01-31T14:00:00Z"))
        .await;
    assert_eq!(bench.causes().await, [Cause::Complaint]);
}

#[tokio::test]
async fn the_row_names_no_address() {
    let bench = Bench::new().await;
    bench.apply(event("email.complained", NOON)).await;
    let rows = levqor_entities::mail_suppressions::secure_find(bench.app.tenant);
    let rows = rows.all(bench.app.platform.db.reader()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].address.len(), 32);
    assert!(!format!("{rows:?}").contains("ada"));
}

#[tokio::test]
async fn an_event_about_a_mail_of_others_changes_nothing() {
    let bench = Bench::new().await;
    let mut other = event("email.complained", NOON);
    other["data"]["email_id"] = json!("p2");
    bench.apply(other).await;
    bench.apply(json!({"type": "email.complained", "data": {}})).await;
    bench
        .apply(json!({"type": "domain.created", "data": {"id": "d"}}))
        .await;
    assert_eq!(bench.causes().await, []);
    assert_eq!(bench.mail().await.complained_at, None);
}

/// The process that sent it died before it could mark it.
#[tokio::test]
async fn an_event_shows_that_a_mail_was_sent_and_finds_it_by_its_tag() {
    let app = TestPlatform::sqlite().await;
    let mail = queued(&app, "k", Kind::Transactional).await;
    outbox::lease(&app.platform.db, 1).await.unwrap();
    let bench = Bench { app, mail };
    let id = bench.mail.id.to_string();
    for tags in [
        json!({TAG: id}),
        json!([{"name": "x", "value": "y"}, {"name": TAG, "value": id}]),
    ] {
        let mut delivered = event("email.delivered", NOON);
        delivered["data"]["tags"] = tags;
        bench.apply(delivered).await;
        assert_eq!(bench.mail().await.state, State::Sent);
    }
    bench.app.clock.advance(Duration::from_hours(48));
    let again = outbox::lease(&bench.app.platform.db, 1).await.unwrap();
    assert!(again.is_empty(), "it would be sent again");
}
