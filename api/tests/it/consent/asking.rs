//! `POST /api/marketing/consent/start`.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use super::rig::{ADA, Bench, START};
use crate::support::TestApp;

#[tokio::test]
async fn domain_2_8_known_and_unknown_addresses_are_answered_alike_and_no_token_is_told() {
    let bench = Bench::new().await;
    bench.granted("known@example.com", "marketing").await;
    let unknown = bench.start("unknown@example.com", "marketing").await.expect(202);
    let pending = bench.start("unknown@example.com", "marketing").await.expect(202);
    let known = bench.start("known@example.com", "marketing").await.expect(202);
    assert_eq!(unknown.body, known.body);
    assert_eq!(unknown.body, pending.body);
    assert_eq!(unknown.text("status"), "pending_double_opt_in");
    let names = |answer: &crate::support::Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&unknown), names(&known));
    assert!(!String::from_utf8(unknown.body).unwrap().contains("lvc_"));
}

#[tokio::test]
async fn domain_2_8_a_flood_of_starts_sends_one_mail() {
    let bench = Bench::new().await;
    let answers = join_all((0..50).map(|_| bench.start(ADA, "marketing"))).await;
    assert!(answers.iter().all(|answer| answer.status == 202));
    assert_eq!(bench.mails().await.len(), 1);
    for (days, mails) in [(1, 2), (1, 3), (1, 3), (30, 3)] {
        bench.app.clock.advance(Duration::from_hours(24 * days));
        bench.start(ADA, "marketing").await.expect(202);
        assert_eq!(bench.mails().await.len(), mails);
    }
}

#[tokio::test]
async fn the_mail_shows_the_wording_and_leads_to_the_page() {
    let bench = Bench::new().await;
    bench.start(ADA, "product_updates").await.expect(202);
    let mail = bench.mails().await.pop().unwrap();
    assert_eq!(
        (mail.recipient.as_str(), mail.template.as_str()),
        (ADA, "consent_confirm")
    );
    assert_eq!(
        (mail.kind, mail.unsubscribe),
        (levqor_entities::mails::Kind::Transactional, None)
    );
    let (text, html) = (mail.text.unwrap(), mail.html.unwrap());
    assert!(
        text.contains("Yes, send me <news>.") && text.contains("product updates mail from acme"),
        "{text}"
    );
    assert!(html.contains("Yes, send me &#60;news&#62;."), "{html}");
    assert!(
        text.contains("https://levqor.test/api/marketing/consent/confirm?token=lvc_"),
        "{text}"
    );
}

#[tokio::test]
async fn domain_2_6_what_the_tenant_saw_of_the_person_is_kept_in_part() {
    let bench = Bench::new().await;
    let body = json!({
        "email": " Ada@Example.COM ", "wording": "w", "source": "footer_form", "locale": "en-GB",
        "ip": "2001:db8:1:2:3:4:5:6", "user_agent": "Mozilla/5.0 (secret)",
    });
    bench.tenant.post(START, body).await.expect(202);
    let db = &bench.app.state.platform.db;
    let list = bench.tenant.get("/api/v1/consents").await.expect(200);
    assert_eq!(
        (list.at("/consents/0/email"), list.at("/consents/0/locale")),
        (json!(ADA), json!("en-GB"))
    );
    let rows = crate::support::rows(db).await;
    assert!(
        !rows
            .iter()
            .any(|row| row.contains("Mozilla") || row.contains("2001:db8:1:2")),
        "{rows:?}"
    );
    let event = rows
        .iter()
        .find(|row| row.starts_with("consent_events "))
        .unwrap();
    assert!(
        event.contains("'2001:db8:1::'") && event.contains("'footer_form'"),
        "{event}"
    );
    assert!(event.contains("'requested'"), "{event}");
}

#[tokio::test]
async fn a_user_is_named_by_id_or_found_by_address() {
    let bench = Bench::new().await;
    let made = bench
        .tenant
        .post("/api/v1/users/upsert", json!({"email": ADA}))
        .await;
    let id = made.at("/user/id");
    bench.start(ADA, "marketing").await.expect(202);
    let listed = bench.tenant.get("/api/v1/consents").await.expect(200);
    assert_eq!(listed.at("/consents/0/user_id"), id);
    let stranger = json!({"email": ADA, "wording": "w", "user_id": "00000000-0000-7000-8000-000000000000"});
    let refused = bench.tenant.post(START, stranger).await;
    assert_eq!(refused.problem(), (404, "user_not_found".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place() {
    let bench = Bench::new().await;
    for (body, code, pointer) in [
        (json!({"wording": "w"}), "missing_member", "/email"),
        (json!({"email": ADA}), "missing_member", "/wording"),
        (json!({"email": "no", "wording": "w"}), "invalid_member", "/email"),
        (
            json!({"email": ADA, "wording": " "}),
            "invalid_member",
            "/wording",
        ),
        (
            json!({"email": ADA, "wording": "w".repeat(4001)}),
            "invalid_member",
            "/wording",
        ),
        (
            json!({"email": ADA, "wording": "w", "scope": "all"}),
            "invalid_member",
            "/scope",
        ),
        (
            json!({"email": ADA, "wording": "w", "scope": "A b"}),
            "invalid_member",
            "/scope",
        ),
        (
            json!({"email": ADA, "wording": "w", "source": "a\nb"}),
            "invalid_member",
            "/source",
        ),
        (
            json!({"email": ADA, "wording": "w", "ip": "1.2.3"}),
            "invalid_member",
            "/ip",
        ),
        (
            json!({"email": ADA, "wording": "w", "locale": "e n"}),
            "invalid_member",
            "/locale",
        ),
        (
            json!({"email": ADA, "wording": "w", "user_id": "x"}),
            "invalid_member",
            "/user_id",
        ),
        (
            json!({"email": ADA, "wording": "w", "scoop": "x"}),
            "unknown_member",
            "/scoop",
        ),
    ] {
        let answer = bench.tenant.post(START, body.clone()).await.expect(400);
        assert_eq!(
            (answer.text("code").as_str(), answer.at("/pointer")),
            (code, json!(pointer)),
            "{body}"
        );
    }
    assert!(bench.mails().await.is_empty());
}

#[tokio::test]
async fn it_needs_a_key_and_an_installation_that_can_send_links() {
    let bench = Bench::new().await;
    let body = json!({"email": ADA, "wording": "w"});
    let refused = bench.person.post(START, body.clone()).await;
    assert_eq!(refused.problem(), (401, "unauthenticated".to_owned()));
    for app in [
        TestApp::start().await,
        TestApp::builder()
            .public_url("https://a.test")
            .unsigned()
            .start()
            .await,
    ] {
        let tenant = app.tenant("acme", "pro").await;
        let answer = tenant.post(START, body.clone()).await;
        assert_eq!(answer.problem(), (501, "not_configured".to_owned()));
    }
}
