//! What is sent, and what comes back.

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use super::{
    egress, error, get,
    server::{Server, answer, ok},
};
use crate::{EgressError, Request};

#[tokio::test]
async fn method_headers_body_and_key_arrive_and_the_answer_comes_back() {
    let server = Server::start(|_| answer("418 I'm a teapot", "X-One: 1\r\nx-one: 2\r\n", b"short")).await;
    let request = Request {
        method: "PATCH".to_owned(),
        headers: vec![
            ("X-Run".to_owned(), "r1".to_owned()),
            ("idempotency-key".to_owned(), "theirs".to_owned()),
        ],
        body: Some(Bytes::from_static(b"{}")),
        idempotency_key: Some("ours".to_owned()),
        ..get(server.url("/a?b=%20c"))
    };
    let response = egress().send(request).await.unwrap();
    assert_eq!(
        (response.status, response.body.as_ref()),
        (418, b"short".as_slice())
    );
    let ones: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "x-one")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(ones, ["1", "2"]);
    let request = &server.requests()[0];
    for part in [
        "PATCH /a?b=%20c HTTP/1.1\r\n",
        "x-run: r1\r\n",
        "idempotency-key: ours\r\n",
        "user-agent: levqor/",
        "\r\n\r\n{}",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
    assert!(!request.contains("theirs"));
}

#[tokio::test]
async fn connections_are_kept_for_the_next_request() {
    let server = Server::start(|_| ok("x")).await;
    let egress = egress();
    for _ in 0..20 {
        egress.send(get(server.url("/"))).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn header_injection_reaches_no_server() {
    let server = Server::start(|_| ok("")).await;
    let injected = [
        ("x", "a\r\nx-injected: 1"),
        ("x\r\nx-injected", "1"),
        ("host", "other"),
        ("Transfer-Encoding", "chunked"),
    ];
    for (name, value) in injected {
        let request = Request {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..get(server.url("/"))
        };
        assert!(
            matches!(error(egress().send(request).await), EgressError::Refused(_)),
            "{name}"
        );
    }
    let request = Request {
        idempotency_key: Some("a\r\nx-injected: 1".to_owned()),
        ..get(server.url("/"))
    };
    assert!(matches!(
        error(egress().send(request).await),
        EgressError::Refused(_)
    ));
    egress()
        .send(get(server.url("/a\r\nx-injected:1")))
        .await
        .unwrap();
    assert_eq!(server.requests().len(), 1);
    assert!(!server.requests()[0].contains("\nx-injected"));
}

#[tokio::test]
async fn nobody_listening_and_unknown_names_are_connect_errors() {
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for url in [
        format!("http://{free}/?secret=1"),
        "http://does-not-exist.invalid/?secret=1".to_owned(),
    ] {
        let error = error(egress().send(get(url)).await);
        assert!(matches!(error, EgressError::Connect(_)), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn tls_to_a_server_without_it_is_a_connect_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
    });
    let error = error(egress().send(get(url)).await);
    assert!(matches!(error, EgressError::Connect(_)), "{error:?}");
}
