//! Rates, on a clock that the test moves.

use std::time::Duration;

use levqor_api::Rates;

use crate::support::{Answer, TestApp, User};

async fn from(user: &User, address: &str, path: &str) -> Answer {
    user.call("GET", path)
        .header("x-forwarded-for", address)
        .send()
        .await
}

async fn app() -> TestApp {
    let rates = Rates {
        sandbox: 3,
        ..Rates::default()
    };
    TestApp::builder().rates(rates).trusted_proxies(1).start().await
}

#[tokio::test]
async fn anonymous_callers_have_twenty_a_minute_for_each_address() {
    let app = app().await;
    let user = app.anonymous();
    for left in (0..20).rev() {
        let answer = from(&user, "192.0.2.1", "/docs").await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), "20");
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
    }
    let refused = from(&user, "192.0.2.1", "/docs").await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert_eq!(
        (
            refused.header("x-ratelimit-remaining"),
            refused.header("x-ratelimit-reset")
        ),
        ("0", "61")
    );
    from(&user, "192.0.2.2", "/docs").await.expect(200);
    app.clock.advance(Duration::from_secs(62));
    from(&user, "192.0.2.1", "/docs").await.expect(200);
}

#[tokio::test]
async fn anonymous_callers_have_two_hundred_together_and_keys_are_not_among_them() {
    let app = app().await;
    let user = app.anonymous();
    for n in 0..200 {
        from(&user, &format!("198.51.100.{}", n / 10), "/")
            .await
            .expect(200);
    }
    assert_eq!(from(&user, "203.0.113.9", "/").await.problem().0, 429);
    let keyed = app.tenant("a", "pro").await;
    from(&keyed, "203.0.113.9", "/api/v1/runs").await.expect(200);
}

#[tokio::test]
async fn guessed_keys_count_as_anonymous() {
    let app = app().await;
    let mut statuses = Vec::new();
    for n in 0..25 {
        let guess = app.with_key(&format!("lvk_{n:064x}"));
        statuses.push(from(&guess, "192.0.2.1", "/api/v1/runs").await.status);
    }
    assert_eq!(statuses, [vec![401; 20], vec![429; 5]].concat());
    let good = app.tenant("a", "pro").await;
    from(&good, "192.0.2.7", "/api/v1/runs").await.expect(200);
    from(&good, "192.0.2.1", "/api/v1/runs").await.expect(200);
}

#[tokio::test]
async fn keys_have_the_rate_of_their_plan_shared_by_the_tenant() {
    let app = app().await;
    let sandbox = app.tenant("s", "sandbox").await;
    for _ in 0..2 {
        sandbox.get("/api/v1/runs").await.expect(200);
    }
    let made = sandbox
        .post("/api/v1/keys", serde_json::json!({"name": "second"}))
        .await
        .expect(201);
    assert_eq!(
        sandbox.get("/api/v1/runs").await.problem(),
        (429, "rate_limited".to_owned())
    );
    assert_eq!(
        app.with_key(&made.text("secret"))
            .get("/api/v1/runs")
            .await
            .problem()
            .0,
        429
    );
    let enterprise = app.tenant("e", "enterprise").await;
    for _ in 0..300 {
        let answer = enterprise.get("/api/v1/activities").await.expect(200);
        assert!(answer.headers.get("x-ratelimit-limit").is_none());
    }
    app.clock.advance(Duration::from_mins(2));
    sandbox.get("/api/v1/runs").await.expect(200);
}

#[tokio::test]
async fn probes_and_scrapes_are_not_limited() {
    let app = app().await;
    for _ in 0..50 {
        for path in ["/health", "/health/live", "/health/ready", "/metrics"] {
            from(&app.anonymous(), "192.0.2.1", path).await.expect(200);
        }
    }
}
