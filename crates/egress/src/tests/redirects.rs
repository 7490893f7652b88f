//! Redirects, hop by hop.

use super::{
    egress, error, get, local,
    server::{Server, ok, redirect},
};
use crate::{Egress, EgressError, Policy, Request};

#[tokio::test]
async fn a_redirect_to_a_refused_address_is_refused() {
    for location in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/",
        "//0x7f000002:1/",
        "file:///etc/passwd",
    ] {
        let server = Server::start(move |_| redirect("302 Found", location)).await;
        let policy = Policy {
            deny: vec!["127.0.0.2/32".parse().unwrap()],
            ..local()
        };
        let error = error(Egress::new(policy).send(get(server.url("/"))).await);
        assert!(matches!(error, EgressError::Refused(_)), "{location}: {error}");
    }
}

#[tokio::test]
async fn the_answer_comes_from_the_last_hop() {
    let server = Server::start(|request| match request.split(' ').nth(1) {
        Some("/a") => redirect("301 Moved Permanently", "/b?c=d#e"),
        _ => ok("there"),
    })
    .await;
    let response = egress().send(get(server.url("/a"))).await.unwrap();
    assert_eq!(
        (response.status, response.body.as_ref()),
        (200, b"there".as_slice())
    );
    assert_eq!(response.final_url, server.url("/b?c=d"));
}

#[tokio::test]
async fn redirects_are_the_answer_when_they_are_not_to_be_followed() {
    let server = Server::start(|_| redirect("302 Found", "http://10.0.0.1/")).await;
    let request = Request {
        follow_redirects: false,
        ..get(server.url("/"))
    };
    let response = egress().send(request).await.unwrap();
    assert_eq!(response.status, 302);
    assert!(
        response
            .headers
            .contains(&("location".to_owned(), "http://10.0.0.1/".to_owned()))
    );
}

#[tokio::test]
async fn a_loop_ends_at_the_limit() {
    let server = Server::start(|_| redirect("307 Temporary Redirect", "/")).await;
    let error = error(egress().send(get(server.url("/"))).await);
    assert_eq!(
        error,
        EgressError::Refused("127.0.0.1: more than 5 redirects".to_owned())
    );
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn a_post_becomes_a_get_without_body_after_a_303_and_stays_after_a_308() {
    for (status, method) in [("303 See Other", "GET"), ("308 Permanent Redirect", "POST")] {
        let server = Server::start(move |request| match request.split(' ').nth(1) {
            Some("/a") => redirect(status, "/b"),
            _ => ok(""),
        })
        .await;
        let request = Request {
            method: "POST".to_owned(),
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: Some("payload".into()),
            ..get(server.url("/a"))
        };
        egress().send(request).await.unwrap();
        let second = &server.requests()[1];
        assert!(second.starts_with(&format!("{method} /b ")), "{second}");
        assert_eq!(second.ends_with("payload"), method == "POST", "{second}");
        assert_eq!(second.contains("content-type"), method == "POST", "{second}");
    }
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_origin() {
    let other = Server::start(|_| ok("")).await;
    let location = other.url("/");
    let first = Server::start(move |_| redirect("302 Found", &location)).await;
    let headers = ["authorization", "cookie", "x-api-key", "accept"];
    let request = Request {
        headers: headers
            .map(|name| (name.to_owned(), "s3cret".to_owned()))
            .to_vec(),
        ..get(first.url("/"))
    };
    egress().send(request).await.unwrap();
    assert_eq!(first.requests()[0].matches("s3cret").count(), 4);
    assert_eq!(other.requests()[0].matches("s3cret").count(), 1);
}
