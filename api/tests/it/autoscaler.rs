//! `GET /api/v1/autoscaler`.

use levqor_autoscaler::{Autoscaler, ClassObservation, Fleet, Observation, Settings};
use levqor_store::{Clock, Decided, DecisionId, IdSource};
use serde_json::json;

use crate::support::TestApp;

/// A decision with so many runs waiting, a second after the one before. No scheduler ever led here: the term is 0.
async fn decided(app: &TestApp, waiting: u32) {
    app.clock.advance(std::time::Duration::from_secs(1));
    let seen = Observation {
        interval_s: 15.0,
        fleet: Fleet {
            slots: 1,
            ready: 1,
            ..Fleet::default()
        },
        worker_micros_per_hour: 4_000_000,
        classes: vec![ClassObservation {
            name: "normal".to_owned(),
            arrivals: 0,
            ended: 0,
            service_sum_s: 0.0,
            service_square_sum_s2: 0.0,
            waiting,
            running: 0,
            due: Vec::new(),
            delay_micros_per_s: 27_778,
            margin_micros: 0,
            patience_s: 3_600.0,
        }],
    };
    let decision = Autoscaler::new(Settings::default()).unwrap().look(&seen);
    let row = Decided {
        id: DecisionId(app.ids.uuid_v7()),
        at: app.clock.now(),
        term: 0,
        desired: decision.desired.into(),
        reason: decision.reason.code().to_owned(),
        decision: serde_json::to_string(&decision).unwrap(),
    };
    app.state.platform.db.record_decision(row).await.unwrap();
}

#[tokio::test]
async fn the_last_decision_comes_with_its_inputs_its_table_and_its_reason_in_words() {
    let app = TestApp::start().await;
    let user = app.tenant("acme", "pro").await;
    let none = user.get("/api/v1/autoscaler").await.expect(200);
    assert_eq!(none.json(), json!({"decisions": []}));
    decided(&app, 0).await;
    decided(&app, 500).await;
    let found = user.get("/api/v1/autoscaler").await.expect(200);
    assert_eq!(
        (found.at("/last/desired"), found.at("/last/decision/reason")),
        (json!(10), json!("maximum"))
    );
    assert_eq!(found.at("/last/decision/inputs/classes/0/waiting"), 500);
    assert!(found.at("/last/decision/table").as_array().unwrap().len() > 1);
    let words = found.at("/last/explanation");
    assert!(
        words.as_str().unwrap().starts_with("10 workers are wanted"),
        "{words}"
    );
    assert_eq!(found.at("/decisions/1/desired"), 1);
    assert!(found.at("/next_cursor").is_null());
}

#[tokio::test]
async fn decisions_are_paged_newest_first_beside_the_last() {
    let app = TestApp::start().await;
    let user = app.tenant("acme", "pro").await;
    for waiting in [0, 500, 0] {
        decided(&app, waiting).await;
    }
    let first = user.get("/api/v1/autoscaler?limit=2").await.expect(200);
    assert_eq!(
        (first.at("/decisions/0/desired"), first.at("/decisions/1/desired")),
        (json!(1), json!(10))
    );
    let next = format!("/api/v1/autoscaler?limit=2&cursor={}", first.text("next_cursor"));
    let second = user.get(&next).await.expect(200);
    assert_eq!(second.at("/decisions").as_array().unwrap().len(), 1);
    assert_eq!(second.at("/last"), first.at("/last"));
    assert!(second.at("/next_cursor").is_null());
    let refused = user.get("/api/v1/autoscaler?cursor=00").await;
    assert_eq!(refused.problem(), (400, "invalid_cursor".to_owned()));
}

#[tokio::test]
async fn it_takes_a_key() {
    let app = TestApp::start().await;
    app.anonymous().get("/api/v1/autoscaler").await.expect(401);
}
