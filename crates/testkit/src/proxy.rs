//! A TCP proxy that misbehaves on request, to stand before Postgres or Redis.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// How the line behaves, for open and new connections alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Bytes pass.
    None,
    /// Open connections are closed, new ones are closed at once.
    Cut,
    /// Connections stay open and nothing passes; what was sent passes when healed, as after lost packets.
    BlackHole,
    /// Each piece (up to 16 KiB) waits this long, in both directions.
    Slow(Duration),
    /// The server's side is closed; the client's side stays open and silent, for ever.
    HalfOpen,
    /// Requests pass; at the first byte of a reply the connection is closed: the outcome stays unknown.
    LoseReplies,
}

/// The proxy; it closes every connection on drop.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Stands before the server on this loopback port.
    pub async fn start(upstream_port: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let fault = watch::Sender::new(Fault::None);
        let task = tokio::spawn(accept(listener, upstream_port, fault.subscribe()));
        Ok(Self { address, fault, task })
    }

    /// The port clients connect to.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `url` with its port replaced by the proxy's.
    pub fn url_for(&self, url: &str, upstream_port: u16) -> String {
        url.replacen(&format!(":{upstream_port}"), &format!(":{}", self.port()), 1)
    }

    /// Behaves so from now on.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Bytes pass again.
    pub fn heal(&self) {
        self.set(Fault::None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, upstream: u16, fault: watch::Receiver<Fault>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(connection(client, upstream, fault.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// One connection to its end. Errors are the end.
async fn connection(client: TcpStream, upstream: u16, mut fault: watch::Receiver<Fault>) {
    let client = Arc::new(client);
    let keep = Arc::clone(&client);
    drop(client);
    let Ok(client) = Arc::try_unwrap(keep) else { return };
    let _closed = relay(client, upstream, &mut fault).await;
}

async fn relay(client: TcpStream, upstream: u16, fault: &mut watch::Receiver<Fault>) -> Result<()> {
    fault.wait_for(|fault| *fault != Fault::BlackHole).await?;
    let now = *fault.borrow();
    if now == Fault::HalfOpen {
        std::future::pending::<()>().await;
    }
    anyhow::ensure!(now != Fault::Cut, "cut");
    let server = TcpStream::connect(("127.0.0.1", upstream)).await.context("upstream")?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let half_open = {
        let requests = pump(from_client, to_server, fault.clone(), false);
        let replies = pump(from_server, &to_client, fault.clone(), true);
        tokio::select! { ended = requests => ended, ended = replies => ended }
    };
    half_open
}
