use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use levqor_egress::{EgressError, Request, Response};
use levqor_testkit::eventually;
use serde_json::{Value, json};

use super::{
    super::{effects::Effects, recorder::Recorder},
    context,
};
use crate::{client::client, stopwatch::Stopwatch};

async fn server() -> (Effects, Arc<Recorder>) {
    let recorder = Arc::new(Recorder::new(Stopwatch::start()));
    let address = "127.0.0.1:0".parse().unwrap();
    (
        Effects::start(address, Arc::clone(&recorder)).await.unwrap(),
        recorder,
    )
}

async fn call(
    effects: &Effects,
    attempt: u32,
    body: &Value,
    timeout: Duration,
) -> Result<Response, EgressError> {
    let headers = [("levqor-run", "run"), ("levqor-epoch", "4")];
    let mut headers: Vec<(String, String)> = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    headers.push(("levqor-attempt".to_owned(), attempt.to_string()));
    let request = Request {
        method: "POST".to_owned(),
        url: effects.calls(),
        headers,
        body: Some(Bytes::from(body.to_string())),
        timeout: Some(timeout),
        idempotency_key: Some("key".to_owned()),
        ..Request::default()
    };
    client().send(request).await
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_call_is_noted_with_who_made_it_and_answered_with_its_own_token() {
    let (effects, recorder) = server().await;
    let body = json!({"step": 2, "fails": 1, "slow": 0});
    assert_eq!(call(&effects, 1, &body, LONG).await.unwrap().status, 503);
    let answer = call(&effects, 2, &body, LONG).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let calls = recorder.copy().calls;
    assert_eq!(answer, json!({"token": calls[1].token}));
    let seen = &calls[1];
    assert_eq!(
        (seen.run.as_str(), seen.step, seen.key.as_str()),
        ("run", 2, "key")
    );
    assert_eq!((seen.epoch, seen.attempt, seen.status), (4, 2, Some(200)));
    assert!(calls[0].end <= seen.begin && seen.begin <= seen.end);
}

#[tokio::test]
async fn a_caller_that_goes_away_ends_its_call_without_an_answer() {
    let (effects, recorder) = server().await;
    let body = json!({"step": 1, "fails": 0, "slow": 60_000});
    let gone = call(&effects, 1, &body, Duration::from_millis(200)).await;
    assert!(gone.is_err());
    let ended = async || recorder.copy().calls.iter().all(|call| call.end < u64::MAX);
    eventually(LONG, ended).await.unwrap();
    assert_eq!(recorder.copy().calls[0].status, None);
}

#[tokio::test]
async fn runs_are_told_where_to_call_only_when_they_can() {
    let mut context = context("http://127.0.0.1:1");
    let mut planner = super::super::plan::Planner::new(1, 1, true);
    let op = planner.arrival().ops.remove(0);
    assert!(context.start(&op).input.get("url").is_none());
    context.effects = Some(("http://here/effect".to_owned(), "http://here/notice".to_owned()));
    assert_eq!(context.start(&op).input["url"], "http://here/effect");
}
