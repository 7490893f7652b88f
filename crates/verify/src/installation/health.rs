//! Asks a process for its health, over a connection of its own each time. Only loopback is asked, and a client that keeps
//! connections or follows redirects would hide what is asked about.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// A probe of the database or the queue takes up to 2 s.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether it says that it is ready, queue included: an API without its queue is ready and says that the queue failed.
pub(super) async fn ready(address: &str) -> bool {
    let answer = get(address, "/health/ready").await;
    answer.is_some_and(|answer| answer.starts_with("HTTP/1.1 200") && !answer.contains("failed"))
}

/// Head and body; none when it is not answered.
pub(super) async fn get(address: &str, path: &str) -> Option<String> {
    timeout(PATIENCE, ask(address, path)).await.ok()?.ok()
}

async fn ask(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
