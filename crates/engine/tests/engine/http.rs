//! `call: http`.

use levqor_engine::HttpRequest;
use serde_json::{Value, json};

use crate::play::{failure, kind, play};

fn get(with: &str) -> String {
    format!(
        "do:\n  - a: {{call: http, with: {{method: get, endpoint: 'https://h.example/p/{{id}}'{with}}}}}\n"
    )
}

fn response(status: i64) -> Value {
    json!({
        "request": {"method": "GET", "uri": "https://h.example/p/1", "headers": {}},
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "content": {"id": 1},
        "raw": "eyJpZCI6MX0=",
    })
}

#[test]
fn a_request_is_given_out_evaluated() {
    let document = "do:
  - a:
      call: http
      with:
        method: post
        endpoint: {uri: 'https://h.example/{id}/x'}
        headers: {X-Id: '${ .id | tostring }', X-None: '${ null }'}
        query: {q: '${ .q }'}
        body: {order: '${ .id }'}
        redirect: true
";
    let mut run = play(document, json!({"id": 7, "q": "a b"}));
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    let expected = HttpRequest {
        method: "POST".to_owned(),
        uri: "https://h.example/7/x".to_owned(),
        headers: pair("X-Id", "7"),
        query: pair("q", "a b"),
        body: Some(json!({"order": 7})),
        redirect: true,
        raw: false,
    };
    assert_eq!(run.request(), expected);
}

#[test]
fn an_endpoint_may_be_an_expression() {
    let document =
        "do:\n  - a: {call: http, with: {method: get, endpoint: '${ \"https://\\(.host)/x\" }'}}\n";
    assert_eq!(
        play(document, json!({"host": "h.example"})).request().uri,
        "https://h.example/x"
    );
}

#[test]
fn what_cannot_be_sent_is_an_expression_error() {
    for (document, input) in [
        (get(""), json!({"id": [1]})),
        (get(", headers: '${ .h }'"), json!({"h": 3})),
        (get(", query: '${ .q }'"), json!({"q": {"a": [1]}})),
        (
            "do:\n  - a: {call: http, with: {method: get, endpoint: '${ .no }'}}\n".to_owned(),
            json!({}),
        ),
    ] {
        let error = play(&document, input).error();
        assert_eq!(
            (kind(&error), error.instance.as_deref()),
            ("expression", Some("/do/0/a")),
            "{document}"
        );
    }
}

#[test]
fn the_output_is_the_content_the_raw_bytes_or_the_response() {
    let mut whole = response(200);
    whole.as_object_mut().unwrap().remove("raw");
    for (output, expected) in [
        ("", json!({"id": 1})),
        (", output: content", json!({"id": 1})),
        (", output: raw", json!("eyJpZCI6MX0=")),
        (", output: response", whole),
    ] {
        let mut run = play(&get(output), json!({"id": 1})).answers([Ok(response(200))]);
        assert_eq!(run.output(), expected, "{output}");
    }
}

#[test]
fn a_status_outside_of_success_is_a_communication_error_with_that_status() {
    for (redirect, status, succeeds) in [
        ("", 204, true),
        ("", 302, false),
        (", redirect: true", 302, true),
        (", redirect: true", 400, false),
        ("", 404, false),
        ("", 199, false),
    ] {
        let mut run = play(&get(redirect), json!({"id": 1})).answers([Ok(response(status))]);
        if succeeds {
            assert_eq!(run.output(), json!({"id": 1}));
        } else {
            let error = run.error();
            assert_eq!((kind(&error), error.status), ("communication", status));
            assert_eq!(error.instance.as_deref(), Some("/do/0/a"));
            assert!(error.title.is_some());
        }
    }
}

#[test]
fn a_call_that_got_no_answer_fails_as_the_worker_says() {
    let error = play(&get(""), json!({"id": 1}))
        .answers([Err(failure("communication", 500))])
        .error();
    assert_eq!((kind(&error), error.status), ("communication", 500));
    assert_eq!(
        kind(&play(&get(""), json!({"id": 1})).answers([Ok(json!({}))]).error()),
        "runtime"
    );
}

#[test]
fn the_journal_shows_the_request_without_its_headers() {
    let document = get(", headers: {Authorization: 's3cret'}, body: {n: 1}");
    let mut run = play(&document, json!({"id": 1})).answers([Ok(response(200))]);
    run.output();
    let text = String::from_utf8(levqor_engine::encode(&run.journal)).unwrap();
    assert!(
        text.contains(r#""method":"GET","uri":"https://h.example/p/1","body":{"n":1}"#),
        "{text}"
    );
    assert!(!text.contains("s3cret"));
}
