//! Lines on which bytes pass in one direction only, or whose other end is gone.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use levqor_testkit::{Answer, Fault, LocalServer, Proxy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(10);
const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

async fn asked(fault: Fault) -> (LocalServer, Proxy, TcpStream) {
    let server = LocalServer::start(|_| Answer::status(204)).await.unwrap();
    let proxy = Proxy::start(server.port()).await.unwrap();
    proxy.set(fault);
    let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
    client.write_all(GET).await.unwrap();
    (server, proxy, client)
}

async fn silent(client: &mut TcpStream) -> bool {
    let mut byte = [0];
    timeout(Duration::from_millis(200), client.read(&mut byte))
        .await
        .is_err()
}

async fn answered(client: &mut TcpStream) -> String {
    let mut answer = String::new();
    timeout(SOON, client.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    answer
}

#[tokio::test]
async fn held_requests_arrive_when_healed() {
    let (server, proxy, mut client) = asked(Fault::HoldRequests).await;
    assert!(silent(&mut client).await);
    assert_eq!(server.requests().len(), 0);
    proxy.heal();
    assert!(answered(&mut client).await.starts_with("HTTP/1.1 204"));
}

#[tokio::test]
async fn with_held_replies_requests_are_done_and_nobody_hears_of_it() {
    let (server, proxy, mut client) = asked(Fault::HoldReplies).await;
    server.wait_for(1, SOON).await.unwrap();
    assert!(silent(&mut client).await);
    proxy.heal();
    assert!(answered(&mut client).await.starts_with("HTTP/1.1 204"));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_half_open_line_accepts_and_stays_silent_also_when_healed_until_it_is_cut() {
    let (server, proxy, mut client) = asked(Fault::HalfOpen).await;
    assert!(silent(&mut client).await);
    proxy.heal();
    assert!(silent(&mut client).await);
    assert_eq!(server.requests().len(), 0);
    proxy.set(Fault::Cut);
    let mut rest = Vec::new();
    // Closed with bytes unread is a reset.
    let closed = timeout(SOON, client.read_to_end(&mut rest)).await.unwrap();
    assert!(closed.is_err() || rest.is_empty());
}
