//! Pages, probes, metrics, and what every answer has.

use levqor_api::Code;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn every_error_code_has_a_page() {
    let app = TestApp::start().await;
    for code in Code::ALL {
        let page = app
            .anonymous()
            .get(&format!("/errors/{}", code.name()))
            .await
            .expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let text = String::from_utf8(page.body).unwrap();
        let escaped = |text: &str| {
            text.replace('&', "&#38;")
                .replace('\'', "&#39;")
                .replace('"', "&#34;")
        };
        assert!(text.contains(code.name()) && !text.contains('`'), "{text}");
        for part in code.action().split('`') {
            assert!(text.contains(&escaped(part)), "{part} is not in {text}");
        }
    }
}

#[tokio::test]
async fn the_documentation_is_whole_and_loads_only_from_here() {
    let app = TestApp::start().await;
    let user = app.anonymous();
    let page = user.get("/docs").await.expect(200);
    let policy = page.header("content-security-policy").to_owned();
    assert!(
        policy.contains("script-src 'self';") && !policy.contains("unsafe-eval"),
        "{policy}"
    );
    let text = String::from_utf8(page.body).unwrap();
    assert!(!text.contains("http"), "{text}");
    let links = text.split('"').filter(|part| part.starts_with("/docs/"));
    let mut found = 0;
    for link in links {
        assert!(!user.get(link).await.expect(200).body.is_empty(), "{link}");
        found += 1;
    }
    assert_eq!(found, 3);
    assert_eq!(user.get("/docs/nothing.js").await.problem().0, 404);
}

#[tokio::test]
async fn public_metrics_are_measured() {
    let app = TestApp::start().await;
    let user = app.anonymous();
    user.get("/health").await.expect(200);
    app.clock.advance(std::time::Duration::from_secs(90));
    let metrics = user.get("/public/metrics").await.expect(200).json();
    assert_eq!(
        metrics,
        json!({"uptime_seconds": 90, "requests": 1, "server_errors": 0, "success_ratio": 1.0, "jobs_accepted": 0,
               "last_updated": "2026-01-01T00:01:30.000000Z"})
    );
}

#[tokio::test]
async fn metrics_are_passed_on_as_text() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/metrics").await.expect(200);
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert_eq!(answer.body, b"levqor_test 1\n");
}

#[tokio::test]
async fn a_request_id_is_taken_over_when_it_is_harmless() {
    let app = TestApp::start().await;
    let user = app.anonymous();
    let taken = user
        .call("GET", "/nowhere")
        .header("x-request-id", "abc-1")
        .send()
        .await
        .expect(404);
    assert_eq!(
        (taken.header("x-request-id"), taken.text("instance")),
        ("abc-1", "abc-1".into())
    );
    let made = user
        .call("GET", "/health")
        .header("x-request-id", "a b\"c")
        .send()
        .await
        .expect(200);
    assert_eq!(made.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn head_and_options_are_answered_for_every_path() {
    let app = TestApp::start().await;
    let user = app.anonymous();
    let head = user.call("HEAD", "/health").send().await.expect(200);
    assert_eq!(head.body, b"");
    let options = user.call("OPTIONS", "/docs").send().await.expect(204);
    assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    assert_eq!(user.call("OPTIONS", "/nowhere").send().await.problem().0, 404);
    let wrong = user.call("DELETE", "/docs").send().await;
    assert_eq!(
        (wrong.problem(), wrong.header("allow")),
        ((405, "method_not_allowed".into()), "GET, HEAD, OPTIONS")
    );
}

#[tokio::test]
async fn the_index_says_where_to_go_on() {
    let app = TestApp::start().await;
    let index = app.anonymous().get("/").await.expect(200);
    for member in ["docs", "openapi", "health"] {
        app.anonymous().get(&index.text(member)).await.expect(200);
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_ends_nothing() {
    let app = TestApp::builder().metrics(|| panic!("on purpose")).start().await;
    let answer = app.anonymous().get("/metrics").await;
    assert_eq!(answer.problem(), (500, "internal".to_owned()));
    assert!(!String::from_utf8(answer.body).unwrap().contains("on purpose"));
    app.anonymous().get("/health").await.expect(200);
}
