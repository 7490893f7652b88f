//! `/api/data-export`, `/api/dsar/exports`, `/data-export` and `/api/v1/dsar/requests`.

use levqor_dsar::{DsarId, steps};
use levqor_entities::{dsar_requests, mails};
use levqor_store::Catalogue;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User};

/// An API with a tenant, a person of it, and their token.
struct Portal {
    app: TestApp,
    tenant: User,
    person: User,
    user: String,
}

impl Portal {
    async fn open() -> Self {
        let app = TestApp::builder().public_url("https://levqor.test").start().await;
        let tenant = app.tenant("acme", "pro").await;
        let person = app.signed_in(&tenant, "ada@example.org").await;
        let user = person.get("/api/v1/users/me").await.expect(200).text("id");
        Self {
            app,
            tenant,
            person,
            user,
        }
    }

    async fn ask(&self) -> String {
        let answer = self
            .person
            .call("POST", "/api/data-export/request")
            .send()
            .await
            .expect(202);
        answer.at("/request/request_id").as_str().unwrap().to_owned()
    }

    /// What the process does.
    async fn prepare(&self, id: &str) {
        let platform = &self.app.state.platform;
        let row = self.row(id).await;
        steps::collect(platform, row.tenant_id, row.id).await.unwrap();
        steps::package(platform, row.tenant_id, row.id).await.unwrap();
        steps::store(platform, row.tenant_id, row.id).await.unwrap();
        steps::notify(platform, row.tenant_id, row.id).await.unwrap();
    }

    async fn row(&self, id: &str) -> dsar_requests::Model {
        let id: DsarId = id.parse().unwrap();
        let me = self.tenant_id().await;
        levqor_dsar::find(&self.app.state.platform.db, me, id)
            .await
            .unwrap()
            .unwrap()
    }

    async fn tenant_id(&self) -> levqor_store::TenantId {
        self.app.store.tenant_by_name("acme").await.unwrap().unwrap().id
    }

    /// The token of the newest mail of this template.
    async fn mailed(&self, template: &str) -> String {
        let all = mails::secure_find(self.tenant_id().await)
            .all(self.app.state.platform.db.reader())
            .await
            .unwrap();
        let mail = all.into_iter().rfind(|mail| mail.template == template).unwrap();
        let text = mail.text.unwrap();
        text.split_once("token=")
            .unwrap()
            .1
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    }

    async fn code(&self, id: &str) -> String {
        let path = format!("/api/dsar/exports/{id}/code");
        self.person
            .call("POST", &path)
            .send()
            .await
            .expect(200)
            .text("code")
    }

    async fn form(&self, path: &str, form: &str) -> Answer {
        let call = self.app.anonymous().call("POST", path);
        call.body("application/x-www-form-urlencoded", form).send().await
    }
}

fn html(answer: &Answer) -> String {
    assert!(answer.header("content-type").starts_with("text/html"));
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn a_person_asks_follows_and_downloads_once() {
    let portal = Portal::open().await;
    let id = portal.ask().await;
    let again = portal
        .person
        .call("POST", "/api/data-export/request")
        .send()
        .await
        .expect(200);
    assert_eq!(
        again.at("/request/request_id"),
        json!(id),
        "domain_1_12: the first one is given back"
    );
    let path = format!("/api/dsar/exports/{id}");
    let shown = portal.person.get(&path).await.expect(200);
    assert_eq!(
        (shown.at("/state"), shown.at("/progress")),
        (json!("accepted"), json!(10))
    );
    let early = portal.person.call("POST", &format!("{path}/code")).send().await;
    assert_eq!(early.problem(), (409, "export_not_ready".to_owned()));

    portal.prepare(&id).await;
    let shown = portal.person.get(&path).await.expect(200);
    assert_eq!(
        (shown.at("/state"), shown.at("/is_available")),
        (json!("ready"), json!(true))
    );
    let words: Vec<Value> = (0..6).map(|n| shown.at(&format!("/timeline/{n}/what"))).collect();
    assert_eq!(
        words,
        [
            "received",
            "verified",
            "collected",
            "packaged",
            "stored",
            "answered"
        ]
    );

    let (token, code) = (portal.mailed("dsar_ready").await, portal.code(&id).await);
    let body = json!({"token": token, "code": code});
    let zip = portal
        .app
        .anonymous()
        .post("/api/data-export/download", body.clone())
        .await
        .expect(200);
    assert_eq!(zip.header("content-type"), "application/zip");
    assert_eq!(zip.header("cache-control"), "no-store");
    let name = "attachment; filename=\"levqor-data-export-20260101.zip\"";
    assert_eq!(zip.header("content-disposition"), name);
    levqor_dsar::package::verify::verify(&zip.body, None).unwrap();
    let second = portal
        .app
        .anonymous()
        .post("/api/data-export/download", body)
        .await;
    assert_eq!(second.problem(), (403, "export_code_needed".to_owned()));
    assert_eq!(
        portal
            .person
            .get("/api/dsar/exports")
            .await
            .expect(200)
            .at("/requests/0/state"),
        json!("downloaded")
    );
}

#[tokio::test]
async fn the_page_changes_nothing_and_its_form_hands_out_the_package() {
    let portal = Portal::open().await;
    let id = portal.ask().await;
    portal.prepare(&id).await;
    let (token, code) = (portal.mailed("dsar_ready").await, portal.code(&id).await);
    let before = portal.row(&id).await;
    let page = format!("/data-export/download?token={token}");
    for method in ["GET", "HEAD", "GET"] {
        let shown = portal
            .app
            .anonymous()
            .call(method, &page)
            .send()
            .await
            .expect(200);
        assert_eq!(
            (shown.header("cache-control"), shown.header("referrer-policy")),
            ("no-store", "no-referrer")
        );
        assert!(
            shown
                .header("content-security-policy")
                .contains("form-action 'self'")
        );
    }
    assert_eq!(portal.row(&id).await, before);
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let refused = portal
        .form(
            "/api/data-export/download",
            &format!("token={token}&code={wrong}"),
        )
        .await
        .expect(403);
    let text = html(&refused);
    assert!(
        text.contains("Tries left with it: 2") && text.contains(&format!("value=\"{token}\"")),
        "{text}"
    );
    let spaced = format!("token={token}&code={}+{}", &code[..3], &code[3..]);
    let zip = portal
        .form("/api/data-export/download", &spaced)
        .await
        .expect(200);
    assert_eq!(zip.header("content-type"), "application/zip");
    let unknown = portal
        .app
        .anonymous()
        .get("/data-export/download?token=lvx_0")
        .await
        .expect(404);
    assert!(html(&unknown).contains("24 hours"));
}

#[tokio::test]
async fn a_tenants_request_waits_for_the_person_to_confirm() {
    let portal = Portal::open().await;
    let accepted = portal
        .tenant
        .post("/api/data-export/request", json!({"user_id": portal.user}))
        .await
        .expect(202);
    assert_eq!(accepted.at("/request/state"), json!("unverified"));
    let id = accepted.at("/request/request_id").as_str().unwrap().to_owned();
    let own = portal.person.get(&format!("/api/dsar/exports/{id}")).await;
    assert_eq!(own.problem(), (404, "data_request_not_found".to_owned()));
    let token = portal.mailed("dsar_confirm").await;
    let page = portal
        .app
        .anonymous()
        .get(&format!("/data-export/confirm?token={token}"))
        .await
        .expect(200);
    assert!(html(&page).contains("<button"));
    assert_eq!(portal.row(&id).await.verified_at, None, "a look confirms nothing");
    for _ in 0..2 {
        let page = portal
            .form("/api/data-export/confirm", &format!("token={token}"))
            .await
            .expect(200);
        assert!(html(&page).contains("being collected"));
    }
    let shown = portal
        .tenant
        .get(&format!("/api/v1/dsar/requests/{id}"))
        .await
        .expect(200);
    assert_eq!(shown.at("/state"), json!("accepted"));
    assert!(
        shown
            .text("run_url")
            .starts_with("https://levqor.test/api/v1/runs/")
    );
    let confirmed = portal
        .app
        .anonymous()
        .post("/api/data-export/confirm", json!({"token": token}))
        .await
        .expect(200);
    assert_eq!(confirmed.at("/request_id"), json!(id));
    let bad = portal
        .app
        .anonymous()
        .post("/api/data-export/confirm", json!({"token": "lvd_0"}))
        .await;
    assert_eq!(bad.problem(), (403, "export_link_invalid".to_owned()));
}

#[tokio::test]
async fn whose_data_must_be_said_by_a_key_and_is_known_of_a_person() {
    let portal = Portal::open().await;
    let path = "/api/data-export/request";
    assert_eq!(
        portal.tenant.post(path, json!({})).await.problem(),
        (400, "missing_member".to_owned())
    );
    let unknown = portal
        .tenant
        .post(path, json!({"user_id": "0198c0de-0000-7000-8000-000000000009"}))
        .await;
    assert_eq!(unknown.problem(), (404, "user_not_found".to_owned()));
    assert_eq!(
        portal.tenant.post(path, json!({"user_id": "x"})).await.problem(),
        (404, "user_not_found".to_owned())
    );
    let eve = portal.app.signed_in(&portal.tenant, "eve@example.org").await;
    assert_eq!(
        eve.post(path, json!({"user_id": portal.user})).await.problem(),
        (404, "user_not_found".to_owned())
    );
    let other = portal.app.tenant("other", "pro").await;
    assert_eq!(
        other.post(path, json!({"user_id": portal.user})).await.problem(),
        (404, "user_not_found".to_owned())
    );
    assert_eq!(
        portal.app.anonymous().post(path, json!({})).await.problem(),
        (401, "unauthenticated".to_owned())
    );
}

#[tokio::test]
async fn nobody_sees_or_opens_what_is_somebody_elses() {
    let portal = Portal::open().await;
    let id = portal.ask().await;
    portal.prepare(&id).await;
    let eve = portal.app.signed_in(&portal.tenant, "eve@example.org").await;
    let other = portal.app.tenant("other", "pro").await;
    let missing = (404, "data_request_not_found".to_owned());
    assert_eq!(
        eve.get(&format!("/api/dsar/exports/{id}")).await.problem(),
        missing
    );
    assert_eq!(
        eve.call("POST", &format!("/api/dsar/exports/{id}/code"))
            .send()
            .await
            .problem(),
        missing
    );
    assert_eq!(
        eve.get("/api/dsar/exports").await.expect(200).at("/requests"),
        json!([])
    );
    assert_eq!(
        other.get(&format!("/api/v1/dsar/requests/{id}")).await.problem(),
        missing
    );
    assert_eq!(
        other
            .get("/api/v1/dsar/requests")
            .await
            .expect(200)
            .at("/requests"),
        json!([])
    );
    let path = format!("/api/v1/dsar/requests/{id}/refuse");
    assert_eq!(
        other.post(&path, json!({"reason": "Mine."})).await.problem(),
        missing
    );
    assert_eq!(
        portal
            .person
            .post(&path, json!({"reason": "Mine."}))
            .await
            .problem(),
        (403, "user_token".to_owned())
    );
    let key = portal
        .tenant
        .call("POST", &format!("/api/dsar/exports/{id}/code"))
        .send()
        .await;
    assert_eq!(
        key.problem(),
        (403, "user_token_needed".to_owned()),
        "a key gets no code"
    );
}

#[tokio::test]
async fn a_tenant_lists_extends_pauses_resumes_and_refuses() {
    let portal = Portal::open().await;
    let id = portal.ask().await;
    let (tenant, path) = (&portal.tenant, format!("/api/v1/dsar/requests/{id}"));
    let why = json!({"reason": "Three archives must be searched."});
    // Received on 1 January 2026: due at the end of 2 February, a Monday.
    assert_eq!(
        tenant.get(&path).await.expect(200).text("due_at"),
        "2026-02-03T00:00:00.000000Z"
    );
    let extended = tenant
        .post(&format!("{path}/extend"), why.clone())
        .await
        .expect(200);
    assert_eq!(
        extended.text("due_at"),
        "2026-04-01T23:00:00.000000Z",
        "1 April, in summer time"
    );
    let again = tenant.post(&format!("{path}/extend"), why.clone()).await;
    assert_eq!(again.problem(), (409, "data_request_not_extendable".to_owned()));
    assert_eq!(
        tenant
            .post(&format!("{path}/pause"), why.clone())
            .await
            .expect(200)
            .at("/paused"),
        json!(true)
    );
    assert_eq!(
        tenant.post(&format!("{path}/pause"), why.clone()).await.problem(),
        (409, "data_request_clock".to_owned())
    );
    portal.app.clock.advance(std::time::Duration::from_hours(24));
    let resumed = tenant
        .post(&format!("{path}/resume"), why.clone())
        .await
        .expect(200);
    assert_eq!(resumed.text("due_at"), "2026-04-02T23:00:00.000000Z");
    for bad in [json!({}), json!({"reason": " "}), json!({"reason": "x", "y": 1})] {
        assert_eq!(tenant.post(&format!("{path}/refuse"), bad).await.status, 400);
    }
    let refused = tenant
        .post(&format!("{path}/refuse"), why.clone())
        .await
        .expect(200);
    assert_eq!(refused.at("/refusal_reason"), why["reason"]);
    let over = tenant.post(&format!("{path}/pause"), why).await;
    assert_eq!(over.problem(), (409, "data_request_over".to_owned()));

    let count = async |query: &str| {
        let listed = tenant
            .get(&format!("/api/v1/dsar/requests?{query}"))
            .await
            .expect(200);
        listed.at("/requests").as_array().unwrap().len()
    };
    assert_eq!((count("state=refused").await, count("state=ready").await), (1, 0));
    assert_eq!(count(&format!("user_id={}", portal.user)).await, 1);
    assert_eq!(
        count("due_before=2030-01-01T00:00:00Z").await,
        0,
        "what is refused is not due"
    );
    assert_eq!(
        tenant.get("/api/v1/dsar/requests?state=x").await.problem(),
        (400, "invalid_parameter".to_owned())
    );
}

#[tokio::test]
async fn malformed_codes_and_tokens_are_no_tries() {
    let portal = Portal::open().await;
    let id = portal.ask().await;
    portal.prepare(&id).await;
    let (token, code) = (portal.mailed("dsar_ready").await, portal.code(&id).await);
    let post = async |body: Value| {
        portal
            .app
            .anonymous()
            .post("/api/data-export/download", body)
            .await
            .problem()
    };
    assert_eq!(
        post(json!({"token": token})).await,
        (400, "missing_member".to_owned())
    );
    assert_eq!(
        post(json!({"code": code})).await,
        (400, "missing_member".to_owned())
    );
    assert_eq!(
        post(json!({"token": token, "code": "12345"})).await,
        (400, "invalid_member".to_owned())
    );
    assert_eq!(
        post(json!({"token": token, "code": code, "x": 1})).await,
        (400, "unknown_member".to_owned())
    );
    let other = format!("lvx_{}", "0".repeat(64));
    assert_eq!(
        post(json!({"token": other, "code": code})).await,
        (403, "export_link_invalid".to_owned())
    );
    let text = portal
        .app
        .anonymous()
        .call("POST", "/api/data-export/download")
        .body("text/plain", "x")
        .send()
        .await;
    assert_eq!(text.problem(), (415, "unsupported_media_type".to_owned()));
    portal
        .app
        .anonymous()
        .post("/api/data-export/download", json!({"token": token, "code": code}))
        .await
        .expect(200);
}

#[tokio::test]
async fn without_a_secret_key_or_a_public_url_it_says_what_is_missing() {
    for builder in [
        TestApp::builder(),
        TestApp::builder().unsigned().public_url("https://levqor.test"),
    ] {
        let app = builder.start().await;
        let tenant = app.tenant("acme", "pro").await;
        let person = app.signed_in(&tenant, "ada@example.org").await;
        let refused = person.call("POST", "/api/data-export/request").send().await;
        assert_eq!(refused.problem(), (501, "not_configured".to_owned()));
    }
}
