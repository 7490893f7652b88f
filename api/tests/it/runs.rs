//! `/api/v1/runs` and `/api/v1/status`.

use std::time::Duration;

use levqor_store::EndState;
use serde_json::{Value, json};

use crate::support::{NOOP, TestApp, User, named};

async fn user(app: &TestApp) -> User {
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user
}

fn ids(page: &Value) -> Vec<String> {
    page["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn list(user: &User, query: &str) -> Vec<String> {
    ids(&user
        .get(&format!("/api/v1/runs?{query}"))
        .await
        .expect(200)
        .json())
}

#[tokio::test]
async fn an_ended_run_shows_its_output_or_error() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let worker = app.worker().await;
    let (good, bad, gone) = (user.run().await, user.run().await, user.run().await);
    worker.end(&good, EndState::Completed, r#"{"ok":true}"#).await;
    worker
        .end(&bad, EndState::Faulted, r#"{"type":"about:blank","status":500}"#)
        .await;
    worker
        .end(
            &gone,
            EndState::Cancelled,
            r#"{"type":"about:blank","status":499}"#,
        )
        .await;
    for (run, state, status) in [
        (&good, "completed", "succeeded"),
        (&bad, "faulted", "failed"),
        (&gone, "cancelled", "cancelled"),
    ] {
        let shown = user.get(&format!("/api/v1/runs/{run}")).await.expect(200);
        assert_eq!(
            (shown.at("/state"), shown.at("/attempts")),
            (state.into(), 1.into())
        );
        assert!(shown.at("/started_at").is_string() && shown.at("/duration_ms").is_u64());
        let short = user.get(&format!("/api/v1/status/{run}")).await.expect(200);
        assert_eq!(
            (short.at("/status"), short.at("/state")),
            (status.into(), state.into())
        );
    }
    assert_eq!(
        user.get(&format!("/api/v1/status/{good}")).await.at("/result/ok"),
        true
    );
    assert_eq!(
        user.get(&format!("/api/v1/status/{bad}"))
            .await
            .at("/error/status"),
        500
    );
    assert_eq!(
        user.get(&format!("/api/v1/runs/{bad}")).await.at("/output"),
        Value::Null
    );
}

#[tokio::test]
async fn waiting_ends_with_the_run() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let worker = app.worker().await;
    let runs = [user.run().await, user.run().await];
    let wait = async |run: &str| {
        user.get(&format!("/api/v1/runs/{run}?wait=60s"))
            .await
            .expect(200)
            .at("/state")
    };
    let work = async {
        for run in &runs {
            worker.end(run, EndState::Completed, "1").await;
        }
    };
    let (one, again, two, ()) = futures::join!(wait(&runs[0]), wait(&runs[0]), wait(&runs[1]), work);
    assert_eq!(
        [one, again, two],
        ["completed", "completed", "completed"].map(Value::from)
    );
}

#[tokio::test]
async fn waiting_is_over_after_its_time() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let run = user.run().await;
    assert_eq!(
        user.get(&format!("/api/v1/runs/{run}?wait=150ms"))
            .await
            .expect(200)
            .at("/state"),
        "pending"
    );
}

#[tokio::test]
async fn lists_are_filtered() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    user.store(&named("order", "2.0.0")).await.expect(201);
    user.store(&named("other", "1.0.0")).await.expect(201);
    let start = async |workflow: &str| {
        app.clock.advance(Duration::from_secs(1));
        let body = json!({"workflow": workflow, "payload": {}});
        user.post("/api/v1/intake", body).await.expect(202).text("job_id")
    };
    let (one, two, other) = (
        start("shop/order:1.0.0").await,
        start("shop/order").await,
        start("shop/other").await,
    );
    app.worker().await.end(&one, EndState::Completed, "1").await;
    assert_eq!(list(&user, "").await, [other.as_str(), &two, &one]);
    assert_eq!(list(&user, "state=completed").await, [one.as_str()]);
    assert_eq!(list(&user, "state=pending,running").await, [other.as_str(), &two]);
    assert_eq!(list(&user, "workflow=shop/order").await, [two.as_str(), &one]);
    assert_eq!(
        list(&user, "workflow=shop/order&version=2.0.0").await,
        [two.as_str()]
    );
    assert_eq!(list(&user, "workflow=shop%2Fnone").await, Vec::<String>::new());
    assert_eq!(
        list(&user, "created_after=2026-01-01T00:00:02Z").await,
        [other.as_str(), &two]
    );
    assert_eq!(
        list(&user, "created_before=2026-01-01T00:00:02Z").await,
        [one.as_str()]
    );
}

#[tokio::test]
async fn a_cursor_leads_through_all_pages_and_fits_its_filters_only() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let mut started = Vec::new();
    for _ in 0..5 {
        started.insert(0, user.run().await);
    }
    let first = user.get("/api/v1/runs?limit=2&state=pending").await.expect(200);
    let cursor = first.text("next_cursor");
    let second = user
        .get(&format!("/api/v1/runs?limit=2&state=pending&cursor={cursor}"))
        .await
        .expect(200);
    let last = second.text("next_cursor");
    let third = user
        .get(&format!("/api/v1/runs?limit=2&state=pending&cursor={last}"))
        .await
        .expect(200);
    assert_eq!(
        [ids(&first.json()), ids(&second.json()), ids(&third.json())].concat(),
        started
    );
    assert_eq!(third.at("/next_cursor"), Value::Null);
    let other = user.get(&format!("/api/v1/runs?limit=2&cursor={cursor}")).await;
    assert_eq!(other.problem(), (400, "invalid_cursor".to_owned()));
    let flipped: String = cursor.chars().map(|c| if c == '0' { '1' } else { c }).collect();
    let altered = user
        .get(&format!("/api/v1/runs?limit=2&state=pending&cursor={flipped}"))
        .await;
    assert_eq!(altered.problem(), (400, "invalid_cursor".to_owned()));
}

#[tokio::test]
async fn cancelling_is_taken_while_the_run_lives() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let worker = app.worker().await;
    let run = user.run().await;
    let path = format!("/api/v1/runs/{run}/cancel");
    let taken = user.call("POST", &path).send().await.expect(202);
    assert_eq!(taken.at("/state"), "pending");
    let id = run.parse().unwrap();
    let inbox = levqor_store::WorkerStore::inbox_after(&*app.store, id, 0)
        .await
        .unwrap();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].kind, levqor_store::InboxKind::Cancel);

    let other = user.run().await;
    worker.end(&other, EndState::Completed, "1").await;
    let late = user
        .call("POST", &format!("/api/v1/runs/{other}/cancel"))
        .send()
        .await;
    assert_eq!(late.problem(), (409, "run_ended".to_owned()));
    assert_eq!(
        (late.text("state"), late.text("job_id")),
        ("completed".into(), other)
    );
}

#[tokio::test]
async fn the_journal_of_a_run_that_has_not_begun_is_empty() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let run = user.run().await;
    let journal = user.get(&format!("/api/v1/runs/{run}/journal")).await.expect(200);
    assert_eq!(
        (journal.at("/steps"), journal.at("/total")),
        (json!([]), 0.into())
    );
}

/// A journal row: a `wait` that began.
const WAITING: &str =
    r#"[{"path":"/do/0/pause","at":1767225600000000,"fact":{"started":{"task":"listen"}}}]"#;

#[tokio::test]
async fn explain_names_what_a_run_waits_for() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let reason = async |run: &str| {
        user.get(&format!("/api/v1/runs/{run}/explain"))
            .await
            .expect(200)
            .at("/reason")
    };
    let later = json!({"workflow": "shop/order", "payload": {}, "run_at": "2027-01-01T00:00:00Z"});
    let later = user
        .post("/api/v1/intake", later)
        .await
        .expect(202)
        .text("job_id");
    assert_eq!(reason(&later).await, "scheduled");
    let run = user.run().await;
    assert_eq!(reason(&run).await, "no_worker");
    let worker = app.worker().await;
    assert_eq!(reason(&run).await, "queued");
    worker.busy(4).await;
    assert_eq!(reason(&run).await, "workers_busy");
    let epoch = worker.claim(&run, 0).await;
    assert_eq!(reason(&run).await, "in_progress");
    worker.listen(&run, epoch, "paid", WAITING).await;
    assert_eq!(reason(&run).await, "waiting_for_event");
    let steps = user.get(&format!("/api/v1/runs/{run}/journal")).await.expect(200);
    assert_eq!(
        (steps.at("/steps/0/path"), steps.at("/steps/0/state")),
        ("/do/0/pause".into(), "waiting".into())
    );
    let other = user.run().await;
    worker.end(&other, EndState::Completed, "1").await;
    assert_eq!(reason(&other).await, "ended");
}
