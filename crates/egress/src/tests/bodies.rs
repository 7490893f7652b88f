//! Answers that are too large, too slow or broken.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};

use super::{
    egress, error, get, local,
    server::{Server, answer, ok},
};
use crate::{Egress, EgressError, Policy, Request};

fn small() -> Egress {
    Egress::new(Policy {
        max_response_bytes: 100_000,
        ..local()
    })
}

fn gzip(bytes: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![0; 1_000_000];
    for _ in 0..bytes / block.len() {
        encoder.write_all(&block).unwrap();
    }
    encoder.write_all(&block[..bytes % block.len()]).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_and_no_more() {
    let server = Server::start(|request| {
        ok(&"x".repeat(if request.contains("/over") {
            100_001
        } else {
            100_000
        }))
    })
    .await;
    assert_eq!(
        small().send(get(server.url("/"))).await.unwrap().body.len(),
        100_000
    );
    assert_eq!(
        error(small().send(get(server.url("/over"))).await),
        EgressError::TooLarge(100_000)
    );
}

#[tokio::test]
async fn a_body_of_unknown_length_is_counted_as_it_comes() {
    let chunk = format!("{:x}\r\n{}\r\n", 50_000, "x".repeat(50_000));
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}",
        chunk.repeat(3)
    );
    let server = Server::start(move |_| chunked.clone().into()).await;
    assert_eq!(
        error(small().send(get(server.url("/"))).await),
        EgressError::TooLarge(100_000)
    );
}

#[tokio::test]
async fn a_gzip_bomb_is_counted_after_decompression() {
    let bomb = gzip(50_000_000);
    assert!(bomb.len() < 100_000);
    let server = Server::start(move |_| answer("200 OK", "content-encoding: gzip\r\n", &bomb)).await;
    assert_eq!(
        error(small().send(get(server.url("/"))).await),
        EgressError::TooLarge(100_000)
    );
    assert!(server.requests()[0].contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn a_compressed_body_is_given_decompressed() {
    let body = gzip(90_000);
    let server = Server::start(move |_| answer("200 OK", "content-encoding: gzip\r\n", &body)).await;
    let response = small().send(get(server.url("/"))).await.unwrap();
    assert_eq!(response.body, vec![0; 90_000]);
    assert!(
        !response
            .headers
            .iter()
            .any(|(name, _)| name == "content-encoding")
    );
}

#[tokio::test]
async fn silence_and_slow_bodies_end_at_the_time_limit() {
    let started = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc";
    let server = Server::start(|request| {
        if request.contains("/slow") {
            started.into()
        } else {
            Vec::new()
        }
    })
    .await;
    for path in ["/slow", "/silent"] {
        let request = Request {
            timeout: Some(Duration::from_millis(150)),
            ..get(server.url(path))
        };
        let begun = Instant::now();
        let error = error(egress().send(request).await);
        assert_eq!(
            error,
            EgressError::Timeout("127.0.0.1: no answer in 150 ms".to_owned())
        );
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn the_policy_caps_the_time_of_a_request() {
    let server = Server::start(|_| Vec::new()).await;
    let egress = Egress::new(Policy {
        total_timeout: Duration::from_millis(100),
        ..local()
    });
    let request = Request {
        timeout: Some(Duration::from_secs(100)),
        ..get(server.url("/"))
    };
    assert!(matches!(
        error(egress.send(request).await),
        EgressError::Timeout(_)
    ));
}

#[tokio::test]
async fn large_headers_are_refused() {
    let many = format!("x-large: {}\r\n", "x".repeat(3000)).repeat(30);
    let server = Server::start(move |_| answer("200 OK", &many, b"")).await;
    assert_eq!(
        error(egress().send(get(server.url("/"))).await),
        EgressError::TooLarge(64 * 1024)
    );
    let endless = format!("x: {}", "x".repeat(1_000_000));
    let server = Server::start(move |_| format!("HTTP/1.1 200 OK\r\n{endless}").into()).await;
    assert!(matches!(
        error(egress().send(get(server.url("/"))).await),
        EgressError::Protocol(_)
    ));
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_error() {
    for bytes in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 9999 X\r\n\r\n",
    ] {
        let server = Server::start(move |_| bytes.into()).await;
        let error = error(egress().send(get(server.url("/"))).await);
        assert!(matches!(error, EgressError::Protocol(_)), "{bytes}: {error}");
    }
}
