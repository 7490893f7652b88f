//! `POST /api/v1/intake/batch` while its body arrives.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use futures::{Stream, StreamExt, stream};
use poem::Body;
use serde_json::{Value, json};

use crate::support::{Answer, CHECKED, NOOP, TestApp, User, named};

const GOOD: &str = r#"{"workflow":"shop/order","payload":1}"#;
const LIMIT: usize = 8 * 1024 * 1024;

async fn user(app: &TestApp) -> User {
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    user.store(CHECKED).await.expect(201);
    user
}

async fn count(user: &User) -> usize {
    let list = user.get("/api/v1/runs?limit=200").await.expect(200);
    list.at("/runs").as_array().unwrap().len()
}

/// A batch whose body comes in these chunks, each asked for when the one before has been dealt with.
async fn send(
    user: &User,
    media: &str,
    chunks: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static,
) -> Answer {
    user.call("POST", "/api/v1/intake/batch")
        .header("content-type", media)
        .plain_body(Body::from_bytes_stream(chunks))
        .send()
        .await
}

async fn array(user: &User, chunks: impl IntoIterator<Item: Into<Vec<u8>>>) -> Answer {
    send(user, "application/json", all(chunks)).await
}

/// Chunks that are there at once.
fn all(
    chunks: impl IntoIterator<Item: Into<Vec<u8>>>,
) -> impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static {
    let chunks: Vec<_> = chunks.into_iter().map(|chunk| Ok(chunk.into())).collect();
    stream::iter(chunks)
}

/// What was said of each item: status, code, pointer, line, column and instance of its problem.
fn fates(answer: &Answer) -> Vec<Value> {
    let items = answer.at("/items");
    let fate = |item: &Value| {
        let of = |member: &str| item["problem"][member].clone();
        let place = [
            of("code"),
            of("pointer"),
            of("line"),
            of("column"),
            of("instance"),
        ];
        json!([item["status"], place])
    };
    items.as_array().unwrap().iter().map(fate).collect()
}

#[tokio::test]
async fn where_chunks_end_changes_no_fate_and_no_pointer() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let mut body = Vec::from(*b" [ {\"workflow\":\"shop/order\",\"payload\":\"\xc3\xa9 ],\\\"\"} ,\n");
    body.extend(br#"{"workflow":"shop/order","payload":{"a":1,"a":2}},"#);
    body.extend(b"{\"workflow\":\"shop/order\",\"payload\":\"\\u0000\"},");
    body.extend(b"{\"workflow\":\"shop/order\",\"payload\":\"\0\"},");
    body.extend(b"{\"workflow\":\"shop/order\",\"payload\":\"\xff\"},");
    body.extend(br#"{"workflow":"shop/checked","payload":{"mail":"x"}}, {"a" 1} ]"#);
    let whole = fates(&array(&user, [&body[..]]).await.expect(207));
    let expected = json!([
        [202, [null, null, null, null, null]],
        [400, ["duplicate_key", "/payload/a", 1, 43, "/1"]],
        [400, ["nul_character", "/payload", 1, 37, "/2"]],
        [400, ["nul_character", "/payload", 1, 37, "/3"]],
        [400, ["invalid_encoding", "", 1, 37, "/4"]],
        [422, ["invalid_input", "/payload/mail", null, null, "/5"]],
        [400, ["invalid_json", "", 1, 6, "/6"]],
    ]);
    assert_eq!(Value::Array(whole.clone()), expected);
    for cut in 1..body.len() {
        let chunks = [&body[..cut], &body[cut..]];
        assert_eq!(fates(&array(&user, chunks).await.expect(207)), whole, "{cut}");
    }
    assert_eq!(fates(&array(&user, body.chunks(1)).await.expect(207)), whole);
}

#[tokio::test]
async fn an_item_is_dealt_with_before_the_next_one_arrives() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    for (media, [open, between, close]) in [
        ("application/json", ["[", ",", "]"]),
        ("application/x-ndjson", ["", "\n", ""]),
    ] {
        let name = if media == "application/json" {
            "late"
        } else {
            "later"
        };
        let item = format!(r#"{{"workflow":"shop/{name}","payload":1}}"#);
        let (first, last) = (format!("{open}{item}{between}"), format!("{item}{close}"));
        let storing = user.clone();
        let second = stream::once(async move {
            storing.store(&named(name, "1.0.0")).await.expect(201);
            Ok(last.into())
        });
        let chunks = all([first]).chain(second);
        let answer = send(&user, media, chunks).await.expect(207);
        let statuses = (answer.at("/items/0/status"), answer.at("/items/1/status"));
        assert_eq!(statuses, (404.into(), 202.into()), "{media}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_starts_nothing_and_may_be_sent_again() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let item = r#"{"workflow":"shop/order","payload":1,"idempotency_key":"k"}"#;
    let half = all([format!("[{item},{GOOD},{GOOD},")]);
    let gone = stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    let broken = send(&user, "application/json", half.chain(gone)).await;
    assert_eq!(broken.problem(), (400, "bad_request".to_owned()));
    assert_eq!(count(&user).await, 0);
    let whole = format!("[{item},{GOOD}]");
    let first = array(&user, [whole.as_str()]).await.expect(200);
    assert_eq!(first.at("/items/0/replayed"), Value::Null);
    let again = array(&user, [whole]).await.expect(200);
    assert_eq!(again.at("/items/0/replayed"), true);
    assert_eq!(again.at("/items/0/job_id"), first.at("/items/0/job_id"));
}

#[tokio::test]
async fn a_body_that_stops_arriving_starts_nothing() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let stopped = stream::once(async {
        // Everything else has been dealt with by now, so only the time for the body can run out.
        tokio::time::pause();
        std::future::pending().await
    });
    let chunks = all([format!("[{GOOD},{GOOD}")]).chain(stopped);
    let answer = send(&user, "application/json", chunks).await;
    tokio::time::resume();
    assert_eq!(answer.problem(), (408, "request_timeout".to_owned()));
    assert_eq!(count(&user).await, 0);
}

#[tokio::test]
async fn the_1001st_item_refuses_those_before_it() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let items = std::iter::repeat_n(format!("{GOOD},"), 1000);
    let body = std::iter::once("[".to_owned())
        .chain(items)
        .chain([format!("{GOOD}]")]);
    let answer = array(&user, body).await;
    assert_eq!(answer.problem(), (413, "too_many_items".to_owned()));
    assert_eq!(count(&user).await, 0);
}

#[tokio::test]
async fn eight_mebibytes_are_taken_and_one_byte_more_starts_nothing() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let body = |length: usize| {
        let space = length - GOOD.len() - 2;
        format!("[{GOOD}{}]", " ".repeat(space)).into_bytes()
    };
    let chunks = async |length: usize| array(&user, body(length).chunks(64 * 1024)).await;
    let refused = (413, "body_too_large".to_owned());
    assert_eq!(chunks(LIMIT + 1).await.problem(), refused);
    let declared = user
        .call("POST", "/api/v1/intake/batch")
        .header("content-length", &(LIMIT + 1).to_string())
        .body("application/json", body(LIMIT + 1));
    assert_eq!(declared.send().await.problem(), refused);
    assert_eq!(count(&user).await, 0);
    chunks(LIMIT).await.expect(200);
    assert_eq!(count(&user).await, 1);
}

#[tokio::test]
async fn a_refused_batch_is_read_to_its_end_before_the_answer() {
    let app = TestApp::start().await;
    let user = user(&app).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let chunks = all(["[1,\n", "\u{e9}] x", "y", "z"]).inspect(move |_| {
        counted.fetch_add(1, SeqCst);
    });
    let answer = send(&user, "application/json", chunks).await;
    assert_eq!(answer.problem(), (400, "invalid_json".to_owned()));
    assert_eq!((answer.at("/line"), answer.at("/column")), (2.into(), 4.into()));
    assert_eq!(asked.load(SeqCst), 4);
}
