//! The server itself, over a socket.

use std::time::Duration;

use levqor_api::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::support::{NOOP, TestApp};

struct Server {
    address: String,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn start(app: &TestApp) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        stopped.await.unwrap();
    };
    let ended = tokio::spawn(serve(listener, app.state.clone(), shutdown));
    Server { address, stop, ended }
}

/// Sends bytes and reads until the server closes.
async fn exchange(address: &str, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut text = Vec::new();
    // The server may close before it has read everything that was sent.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

fn chunked(key: &str, chunk: &str, count: usize) -> Vec<u8> {
    let head = format!(
        "POST /api/v1/intake HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    let body = format!("{:x}\r\n{chunk}\r\n", chunk.len()).repeat(count);
    format!("{head}{body}0\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_chunked_body_is_taken_up_to_the_limit() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    let server = start(&app).await;
    let key = user.key.unwrap();
    let body = r#"{"workflow":"shop/order","payload":{}}"#;
    let taken = exchange(&server.address, &chunked(&key, body, 1)).await;
    assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
    let refused = exchange(&server.address, &chunked(&key, &" ".repeat(60_000), 10)).await;
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
    assert!(refused.contains("body_too_large"));
}

#[tokio::test]
async fn a_batch_whose_connection_is_cut_starts_nothing() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    let server = start(&app).await;
    let key = user.key.clone().unwrap();
    let body = format!("[{0},{0}]", r#"{"workflow":"shop/order","payload":{}}"#);
    let request = format!(
        "POST /api/v1/intake/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream
        .write_all(&request.as_bytes()[..request.len() - 1])
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    // Closed by the server, which is then done with it.
    let _ = stream.read_to_end(&mut Vec::new()).await;
    let runs = user.get("/api/v1/runs").await.expect(200).at("/runs");
    assert_eq!(runs.as_array().unwrap().len(), 0);
    let whole = exchange(&server.address, request.as_bytes()).await;
    assert!(whole.starts_with("HTTP/1.1 200"), "{whole}");
    let runs = user.get("/api/v1/runs").await.expect(200).at("/runs");
    assert_eq!(runs.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn shutting_down_answers_what_is_under_way_and_closes_what_is_idle() {
    let app = TestApp::start().await;
    let user = app.tenant("a", "enterprise").await;
    user.store(NOOP).await.expect(201);
    let run = user.run().await;
    let server = start(&app).await;
    let mut idle = TcpStream::connect(&server.address).await.unwrap();
    let request = format!(
        "GET /api/v1/runs/{run}?wait=400ms HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
        user.key.unwrap()
    );
    let waiting = exchange(&server.address, request.as_bytes());
    let stop = async {
        // The request must be under way: it waits for a run that nobody takes.
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.stop.send(()).unwrap();
    };
    let (answer, ()) = tokio::join!(waiting, stop);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), server.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(&server.address).await.is_err());
}

#[tokio::test]
async fn what_is_no_http_does_not_end_the_server() {
    let app = TestApp::start().await;
    let server = start(&app).await;
    for sent in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let alive = exchange(
        &server.address,
        b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    )
    .await;
    assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
}
