//! `GET /api/status` and the page.

use std::time::Duration;

use levqor_api::Rates;
use levqor_status::{Component, Impact, Snapshot, State, note, open, record, slot};
use serde_json::json;

use crate::support::TestApp;

const LENGTH: Duration = Duration::from_mins(5);

/// A snapshot of now, then five minutes pass.
async fn measured(app: &TestApp, queue: State) {
    let platform = &app.state.platform;
    let now = platform.db.now().await.unwrap();
    let snapshot = Snapshot {
        slot: slot(now, LENGTH),
        length: i64::try_from(LENGTH.as_micros()).unwrap(),
        at: now,
        components: vec![
            Component::new("database", State::Operational).with("round_trip_ms", 3),
            Component::new("queue", queue).because("does not <answer>"),
        ],
    };
    assert!(record(platform, &snapshot).await.unwrap().new);
    app.clock.advance(LENGTH);
}

#[tokio::test]
async fn a_service_that_was_never_measured_says_so() {
    let app = TestApp::start().await;
    let status = app.anonymous().get("/api/status").await.expect(200);
    assert_eq!(
        (
            status.at("/status"),
            status.at("/components"),
            status.at("/incidents")
        ),
        (json!("unknown"), json!([]), json!([]))
    );
    assert!(status.json().get("last_updated").is_none());
    for period in status.at("/uptime").as_array().unwrap() {
        assert_eq!(period["coverage"], 0.0);
        assert!(
            period.get("uptime").is_none(),
            "nothing measured is no uptime: {period}"
        );
    }
}

#[tokio::test]
async fn everybody_sees_the_measured_status_with_its_coverage_and_its_incidents() {
    let app = TestApp::start().await;
    for queue in [State::Operational, State::Down, State::Down, State::Operational] {
        measured(&app, queue).await;
    }
    let status = app.anonymous().get("/api/status").await.expect(200);
    assert_eq!(status.text("status"), "operational");
    assert_eq!(status.at("/last_updated"), "2026-01-01T00:15:00.000000Z");
    assert_eq!(
        status.at("/components/0"),
        json!({"name": "database", "status": "operational", "figures": {"round_trip_ms": 3}})
    );
    assert_eq!(status.at("/components/1/reason"), "does not <answer>");
    let day = status.at("/uptime/0");
    assert_eq!(
        (&day["period"], &day["uptime"], &day["operational"]),
        (&json!("24h"), &json!(1.0), &json!(0.5))
    );
    assert_eq!(day["measured_seconds"], 1_200);
    let incident = status.at("/incidents/0");
    assert_eq!(
        (
            &incident["title"],
            &incident["impact"],
            &incident["status"],
            &incident["component"]
        ),
        (
            &json!("Queue: down"),
            &json!("down"),
            &json!("open"),
            &json!("queue")
        )
    );
    // A tenant's key changes nothing of it.
    let user = app.tenant("acme", "pro").await;
    let same = user.get("/api/status").await.expect(200);
    assert_eq!(same.json(), status.json());
    assert!(!String::from_utf8(same.body).unwrap().contains("acme"));
}

#[tokio::test]
async fn an_answer_is_kept_for_five_seconds() {
    let app = TestApp::start().await;
    measured(&app, State::Operational).await;
    let first = app.anonymous().get("/api/status").await.expect(200).json();
    let platform = &app.state.platform;
    open(platform, "Moving house", Impact::Degraded).await.unwrap();
    assert_eq!(app.anonymous().get("/api/status").await.json(), first);
    app.clock.advance(Duration::from_secs(5));
    let later = app.anonymous().get("/api/status").await.expect(200);
    assert_eq!(
        (later.text("status"), later.at("/incidents/0/title")),
        ("degraded".to_owned(), json!("Moving house"))
    );
}

#[tokio::test]
async fn an_old_snapshot_says_nothing_of_now() {
    let app = TestApp::start().await;
    measured(&app, State::Operational).await;
    app.clock.advance(LENGTH * 3);
    let status = app.anonymous().get("/api/status").await.expect(200);
    assert_eq!(status.text("status"), "unknown");
}

#[tokio::test]
async fn the_page_tells_the_same_in_words_and_escapes_them() {
    let app = TestApp::start().await;
    for queue in [State::Degraded, State::Degraded] {
        measured(&app, queue).await;
    }
    let platform = &app.state.platform;
    let id = open(platform, "Moving <house>", Impact::Down).await.unwrap();
    note(platform, id, "It takes an hour & a half.").await.unwrap();
    let page = app.anonymous().get("/status").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let text = String::from_utf8(page.body).unwrap();
    for said in [
        "<strong>Down: the service cannot be used at the moment.</strong>",
        "Moving &#60;house&#62;",
        "It takes an hour &#38; a half.",
        "does not &#60;answer&#62;",
        "<h3>Queue: degraded</h3>",
        "round trip 3 ms",
        "100.00 %",
        "2026-01-01 00:05 UTC",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn it_is_limited_as_other_open_operations_are() {
    let rates = Rates {
        anonymous_address: 3,
        anonymous_total: 100,
        ..Rates::default()
    };
    let app = TestApp::builder().rates(rates).start().await;
    for path in ["/api/status", "/status", "/api/status"] {
        app.anonymous().get(path).await.expect(200);
    }
    assert_eq!(app.anonymous().get("/status").await.problem().0, 429);
}
