//! `/api/v1/marketing/send` and `/api/v1/marketing/sender`.

use serde_json::{Value, json};

use super::rig::{ADA, Bench, SEND};
use crate::support::{Answer, TestApp};

fn news() -> Value {
    json!({"scope": "marketing", "subject": "News", "text": "There are news."})
}

async fn keyed(bench: &Bench, key: &str, body: &Value) -> Answer {
    let call = bench.tenant.call("POST", SEND).header("idempotency-key", key);
    call.body("application/json", body.to_string()).send().await
}

#[tokio::test]
async fn a_mail_is_ordered_once_under_its_key_and_its_run_can_be_followed() {
    let bench = Bench::new().await;
    bench.sender().await;
    let first = keyed(&bench, "may", &news()).await.expect(202);
    let again = keyed(&bench, "may", &news()).await.expect(202);
    assert_eq!(
        (first.at("/id"), first.at("/job_id")),
        (again.at("/id"), again.at("/job_id"))
    );
    assert_eq!(
        (
            first.headers.get("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        (None, "true")
    );
    let run = bench
        .tenant
        .get(&format!("/api/v1/runs/{}", first.text("job_id")))
        .await
        .expect(200);
    assert_eq!(run.at("/workflow"), "levqor/marketing-send");
    let other = json!({"scope": "marketing", "subject": "Other", "text": "Other."});
    assert_eq!(
        keyed(&bench, "may", &other).await.problem(),
        (409, "idempotency_conflict".to_owned())
    );
}

#[tokio::test]
async fn the_law_s_conditions_are_asked_for_first() {
    let bench = Bench::new().await;
    assert_eq!(
        bench.tenant.post(SEND, news()).await.problem(),
        (409, "sender_missing".to_owned())
    );
    assert_eq!(
        bench.tenant.get("/api/v1/marketing/sender").await.problem().0,
        404
    );
    bench.sender().await;
    let sender = bench.tenant.get("/api/v1/marketing/sender").await.expect(200);
    assert_eq!(
        (sender.text("name"), sender.text("postal_address")),
        ("Acme & Sons".into(), "1 High St, Leeds".into())
    );
    let plain = TestApp::builder().public_url("http://levqor.test").start().await;
    let tenant = plain.tenant("acme", "pro").await;
    assert_eq!(
        tenant.post(SEND, news()).await.problem(),
        (501, "not_configured".to_owned())
    );
}

#[tokio::test]
async fn html_goes_out_as_it_was_written_above_the_foot() {
    let bench = Bench::new().await;
    bench.granted(ADA, "marketing").await;
    bench.sender().await;
    let mut body = news();
    body["html"] = json!("<p>There are <b>news</b>.</p>");
    body["recipients"] = json!([ADA, "Ada@example.com", "nobody@example.com"]);
    let id = bench
        .tenant
        .post(SEND, body)
        .await
        .expect(202)
        .text("id")
        .parse()
        .unwrap();
    let tenant = bench.mails().await[0].tenant_id;
    let written = levqor_consent::send::queue(&bench.app.state.platform, tenant, id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((written.queued, written.passed_over, written.done), (1, 1, true));
    let mail = bench.mails().await.pop().unwrap();
    let html = mail.html.unwrap();
    let (news, foot) = (
        html.find("<b>news</b>").unwrap(),
        html.find("Acme &#38; Sons, 1 High St, Leeds").unwrap(),
    );
    assert!(news < foot, "{html}");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place() {
    let bench = Bench::new().await;
    bench.sender().await;
    let with = |name: &str, value: Value| {
        let mut body = news();
        body[name] = value;
        body
    };
    let many: Vec<_> = (0..1001).map(|n| format!("p{n}@example.com")).collect();
    for (body, status, pointer) in [
        (with("subject", json!("a\r\nBcc: b@example.com")), 400, "/subject"),
        (with("text", json!("")), 400, "/text"),
        (with("html", json!("<HTML><body>x")), 400, "/html"),
        (with("html", json!("<script>x</script>")), 400, "/html"),
        (with("html", json!("News. <!-- ")), 400, "/html"),
        (
            with("html", json!("News. <STYLE>p{display:none}</STYLE>")),
            400,
            "/html",
        ),
        (with("html", json!("News. <plaintext>")), 400, "/html"),
        (with("scope", json!("all")), 400, "/scope"),
        (with("recipients", json!(["a@b.c", "x"])), 400, "/recipients/1"),
        (with("recipients", json!(many)), 413, "/recipients"),
    ] {
        let answer = bench.tenant.post(SEND, body).await.expect(status);
        assert_eq!(answer.at("/pointer"), pointer);
    }
    let call = bench.tenant.call("PUT", "/api/v1/marketing/sender");
    let answer = call
        .body("application/json", r#"{"name":"a","postal_address":" "}"#)
        .send()
        .await;
    assert_eq!(
        (answer.problem().1, answer.at("/pointer")),
        ("invalid_member".to_owned(), json!("/postal_address"))
    );
}
