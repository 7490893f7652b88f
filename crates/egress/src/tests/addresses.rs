//! Nothing but an allowed address is ever connected to.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    error, get, local,
    server::{Server, ok},
};
use crate::{Egress, EgressError, Policy, resolver::Lookup};

/// A resolver that gives one list of addresses after the other, the last for ever.
fn answers(lists: &'static [&[&str]]) -> (Lookup, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let lookup: Lookup = Arc::new(move |_| {
        let call = counter.fetch_add(1, Ordering::Relaxed).min(lists.len() - 1);
        let addresses: Vec<IpAddr> = lists[call]
            .iter()
            .map(|address| address.parse().unwrap())
            .collect();
        Box::pin(async move { Ok(addresses) })
    });
    (lookup, calls)
}

#[tokio::test]
async fn address_literals_are_refused_however_they_are_spelt() {
    let egress = Egress::new(Policy::default());
    let hosts = [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "10.0.0.1",
        "0xa.1",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[::127.0.0.1]",
    ];
    for host in hosts {
        for port in ["", ":8080"] {
            let url = format!("http://{host}{port}/latest/meta-data");
            let error = error(egress.send(get(url)).await);
            assert!(matches!(error, EgressError::Refused(_)), "{host}: {error}");
        }
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_refused_without_a_connection() {
    let server = Server::start(|_| ok("")).await;
    let (lookup, _) = answers(&[&["127.0.0.1", "::1"]]);
    let egress = Egress::with_lookup(Policy::default(), &lookup);
    let url = format!("http://metadata.example:{}/", server.address.port());
    let error = error(egress.send(get(url)).await);
    assert_eq!(
        error,
        EgressError::Refused("::1 is not a public address (unspecified, loopback or IPv4-compatible)".into())
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn localhost_is_a_name_like_any_other() {
    let error = error(
        Egress::new(Policy::default())
            .send(get("http://localhost:1/".into()))
            .await,
    );
    assert!(matches!(error, EgressError::Refused(_)), "{error}");
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_are_tried() {
    let server = Server::start(|_| ok("here")).await;
    let (lookup, _) = answers(&[&["10.0.0.1", "127.0.0.1", "169.254.169.254"]]);
    let egress = Egress::with_lookup(local(), &lookup);
    let url = format!("http://mixed.example:{}/", server.address.port());
    assert_eq!(egress.send(get(url)).await.unwrap().body, "here");
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_checked_at_every_connection() {
    let closing = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let server = Server::start(|_| closing.into()).await;
    let (lookup, calls) = answers(&[&["127.0.0.1"], &["10.0.0.1"], &["169.254.169.254"]]);
    let egress = Egress::with_lookup(local(), &lookup);
    let url = format!("http://rebind.example:{}/", server.address.port());
    assert_eq!(egress.send(get(url.clone())).await.unwrap().status, 200);
    for _ in 0..2 {
        assert!(matches!(
            error(egress.send(get(url.clone())).await),
            EgressError::Refused(_)
        ));
    }
    assert_eq!((server.connections(), calls.load(Ordering::Relaxed)), (1, 3));
}

#[tokio::test]
async fn a_connection_in_use_stays_with_the_address_that_was_checked() {
    let server = Server::start(|_| ok("")).await;
    let (lookup, calls) = answers(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let egress = Egress::with_lookup(local(), &lookup);
    let url = format!("http://rebind.example:{}/", server.address.port());
    for _ in 0..5 {
        egress.send(get(url.clone())).await.unwrap();
    }
    assert_eq!((server.connections(), calls.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_denied_socket_is_refused_by_address_and_by_name() {
    let (denied, open) = (Server::start(|_| ok("")).await, Server::start(|_| ok("")).await);
    let (lookup, _) = answers(&[&["127.0.0.1"]]);
    let policy = Policy {
        deny_sockets: vec![denied.address],
        ..local()
    };
    let egress = Egress::with_lookup(policy, &lookup);
    let by_name = |server: &Server| format!("http://db.example:{}/", server.address.port());
    for url in [denied.url("/"), by_name(&denied)] {
        assert!(matches!(
            error(egress.send(get(url)).await),
            EgressError::Refused(_)
        ));
    }
    for url in [open.url("/"), by_name(&open)] {
        assert_eq!(egress.send(get(url)).await.unwrap().status, 200);
    }
    assert_eq!(denied.connections(), 0);
}
