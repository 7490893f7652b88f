use bytes::Bytes;
use levqor_egress::Policy;
use levqor_entities::ids::MailId;
use levqor_store::Timestamp;
use levqor_testkit::{Answer, LocalServer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::message::File as Attached;

fn message() -> Message {
    Message {
        id: MailId(Uuid::from_u128(7)),
        from: "\"Levqor, Ltd\" <noreply@levqor.test>".parse().unwrap(),
        to: "ada@example.org".parse().unwrap(),
        subject: "Grüße".to_owned(),
        text: "Hello".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        headers: vec![("Auto-Submitted", "auto-generated".to_owned())],
        files: Vec::new(),
        written_at: Timestamp(0),
    }
}

fn resend(server: &LocalServer) -> Resend {
    let policy = Policy {
        allow_loopback: true,
        ..Policy::default()
    };
    Resend::new(Egress::new(policy), "re_secret".to_owned(), &server.url())
}

async fn answering(answer: Answer) -> (LocalServer, Result<Option<String>, Failure>) {
    let server = LocalServer::start(move |_| answer.clone()).await.unwrap();
    let result = resend(&server).send(&message()).await;
    (server, result)
}

fn refusal(status: u16, name: &str) -> Answer {
    let body = json!({"statusCode": status, "name": name, "message": "no"}).to_string();
    Answer::status(status).body(body)
}

#[tokio::test]
async fn domain_11_resend_gets_key_idempotency_key_user_agent_and_the_whole_mail() {
    let (server, result) = answering(Answer::json(r#"{"id":"p1"}"#)).await;
    assert_eq!(result, Ok(Some("p1".to_owned())));
    let request = server.requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/emails")
    );
    assert_eq!(request.header("authorization"), Some("Bearer re_secret"));
    assert_eq!(
        request.header("idempotency-key"),
        Some("00000000-0000-0000-0000-000000000007")
    );
    assert!(request.header("user-agent").unwrap().starts_with("levqor/"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let wanted = json!({
        "from": "\"Levqor, Ltd\" <noreply@levqor.test>",
        "to": ["ada@example.org"],
        "subject": "Grüße",
        "text": "Hello",
        "html": "<p>Hello</p>",
        "headers": {"Auto-Submitted": "auto-generated"},
        "tags": [{"name": "mail_id", "value": "00000000-0000-0000-0000-000000000007"}],
    });
    assert_eq!(body, wanted);
}

/// Resend answers 409 to a known key with another body.
#[tokio::test]
async fn every_try_is_the_same_request() {
    let server = LocalServer::start(|_| Answer::status(500)).await.unwrap();
    let mut message = message();
    message.files.push(Attached {
        name: "a.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: Bytes::from_static(b"%PDF"),
    });
    let resend = resend(&server);
    for _ in 0..2 {
        assert!(matches!(resend.send(&message).await, Err(Failure::Again(_))));
    }
    let requests = server.requests();
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(
        requests[0].header("idempotency-key"),
        requests[1].header("idempotency-key")
    );
    let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
    let file = json!([{"filename": "a.pdf", "content_type": "application/pdf", "content": "JVBERg=="}]);
    assert_eq!(body["attachments"], file);
}

async fn judged(answer: Answer) -> Failure {
    answering(answer).await.1.unwrap_err()
}

#[tokio::test]
async fn answers_say_whether_another_try_makes_sense() {
    for (status, name) in [
        (500, "application_error"),
        (502, ""),
        (503, ""),
        (408, ""),
        (409, "concurrent_idempotent_requests"),
    ] {
        assert!(
            matches!(judged(refusal(status, name)).await, Failure::Again(_)),
            "{status}"
        );
    }
    for (status, name) in [
        (400, "validation_error"),
        (409, "invalid_idempotent_request"),
        (422, "invalid_attachment"),
    ] {
        assert!(
            matches!(judged(refusal(status, name)).await, Failure::Final(_)),
            "{status}"
        );
    }
    for (status, name) in [
        (401, "missing_api_key"),
        (403, "invalid_api_key"),
        (404, ""),
        (302, ""),
    ] {
        assert!(
            matches!(judged(refusal(status, name)).await, Failure::Here { .. }),
            "{status}"
        );
    }
    let Failure::Final(reason) = judged(refusal(422, "invalid_from")).await else {
        panic!("not final");
    };
    assert_eq!(reason, "answered 422 invalid_from: no");
}

#[tokio::test]
async fn too_many_requests_wait_as_long_as_is_asked_within_reason() {
    for (header, seconds) in [
        (Some("7"), 7),
        (Some("0"), 1),
        (Some("86400"), 3_600),
        (Some("soon"), 60),
        (None, 60),
    ] {
        let answer = refusal(429, "rate_limit_exceeded");
        let answer = match header {
            Some(value) => answer.header("retry-after", value),
            None => answer,
        };
        let Failure::Here { after, .. } = judged(answer).await else {
            panic!("{header:?} does not wait");
        };
        assert_eq!(after, Duration::from_secs(seconds), "{header:?}");
    }
}

#[tokio::test]
async fn no_answer_is_tried_again() {
    assert!(matches!(judged(Answer::dropped()).await, Failure::Again(_)));
    let server = LocalServer::start(|_| Answer::status(200).after(Duration::from_secs(30)))
        .await
        .unwrap();
    let mut stalled = resend(&server);
    stalled.timeout = Duration::from_millis(50);
    assert!(matches!(stalled.send(&message()).await, Err(Failure::Again(_))));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_address_that_policy_refuses_is_the_operators_to_mend() {
    let server = LocalServer::start(|_| Answer::status(200)).await.unwrap();
    let mut resend = resend(&server);
    resend.egress = Egress::new(Policy::default());
    assert!(matches!(resend.send(&message()).await, Err(Failure::Here { .. })));
    assert!(server.requests().is_empty());
}
