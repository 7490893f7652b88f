use std::sync::atomic::{AtomicUsize, Ordering};

use levqor_testkit::{Answer, LocalServer};
use serde_json::{Value, json};

use super::{
    super::{
        clients::play,
        plan::{Again, Arrival, Op},
    },
    context,
};
use crate::history::{Fate, Kind, Priority};

fn op(number: u64) -> Op {
    Op {
        number,
        kind: Kind::Noop,
        priority: Priority::Normal,
        tenant: 0,
        input: json!({}),
        callback: false,
        again: Again::Never,
        clash: false,
        watch: false,
        after: 0,
    }
}

fn accepted(run: &str) -> Answer {
    let body = json!({"job_id": run}).to_string();
    Answer::status(202)
        .body(body)
        .header("content-type", "application/json")
}

#[tokio::test]
async fn a_client_without_an_answer_repeats_with_the_same_key_and_counts_only_what_is_accepted() {
    let asked = AtomicUsize::new(0);
    let server = LocalServer::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::status(503),
        1 => Answer::dropped(),
        2 => Answer::status(429),
        3 => Answer::status(500),
        _ => accepted("run"),
    })
    .await
    .unwrap();
    let context = context(&server.url());
    play(&context, &Arrival { ops: vec![op(3)] }).await;
    let history = context.recorder.copy();
    let fates: Vec<&Fate> = history.starts[0]
        .answers
        .iter()
        .map(|answer| &answer.fate)
        .collect();
    assert!(matches!(
        fates.as_slice(),
        [
            Fate::Refused { status: 503 },
            Fate::Unknown { .. },
            Fate::Refused { status: 429 },
            Fate::Unknown { .. },
            Fate::Accepted { .. }
        ]
    ));
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.header("idempotency-key") == Some("verify-test-3"))
    );
    assert!(requests.iter().all(|request| request.body == requests[0].body));
}

#[tokio::test]
async fn items_of_a_batch_that_were_refused_for_the_moment_are_sent_again_and_no_others() {
    let items = |fates: &[Value]| Answer::json(json!({ "items": fates }).to_string());
    let good = |run: &str| json!({"status": 202, "job_id": run});
    let busy = json!({"status": 503, "problem": {"code": "overloaded"}});
    let first = items(&[good("a"), busy]);
    let second = items(&[good("b")]);
    let asked = AtomicUsize::new(0);
    let server = LocalServer::start(move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => first.clone(),
        _ => second.clone(),
    })
    .await
    .unwrap();
    let context = context(&server.url());
    play(
        &context,
        &Arrival {
            ops: vec![op(0), op(1)],
        },
    )
    .await;
    let sent: Vec<Value> = server
        .requests()
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1], json!([sent[0][1]]));
    let history = context.recorder.copy();
    let runs: Vec<_> = history.starts.iter().map(|start| start.run()).collect();
    assert_eq!(runs, [Some("a"), Some("b")]);
}
