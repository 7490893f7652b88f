//! A TCP proxy that misbehaves on request, to stand before Postgres or Redis.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::port::with_port;

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
    /// The server's side is closed; the client's side stays open and silent, also when healed, until a cut.
    HalfOpen,
    /// Requests pass; at the first byte of a reply the connection is closed: the outcome stays unknown.
    LoseReplies,
    /// A black hole on the way to the server: nothing asked arrives, replies under way do.
    HoldRequests,
    /// A black hole on the way back: what is asked is done, and nobody hears of it until it is healed.
    HoldReplies,
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
    pub async fn start(upstream_port: u16) -> anyhow::Result<Self> {
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
        with_port(url, upstream_port, self.port())
    }

    /// Behaves so from now on.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// How it behaves now.
    pub fn fault(&self) -> Fault {
        *self.fault.borrow()
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

/// How a direction came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    Closed,
    Silent,
}

/// One connection to its end. The client's side lives as long as `client`.
async fn connection(mut client: TcpStream, upstream: u16, mut fault: watch::Receiver<Fault>) {
    if relay(&mut client, upstream, fault.clone()).await == Stop::Silent {
        // An error is the end of the proxy, which ends this task too.
        let _cut = fault.wait_for(|fault| *fault == Fault::Cut).await;
    }
}

async fn relay(client: &mut TcpStream, upstream: u16, mut fault: watch::Receiver<Fault>) -> Stop {
    if let Err(stop) = pass(&mut fault, false).await {
        return stop;
    }
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", upstream)).await else {
        return Stop::Closed;
    };
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::select! {
        stop = pump(from_client, to_server, fault.clone(), false) => stop,
        stop = pump(from_server, to_client, fault, true) => stop,
    }
}

/// Copies one direction. Errors of the sockets are its end.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut fault: watch::Receiver<Fault>,
    reply: bool,
) -> Stop {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read.unwrap_or(0),
            stop = cut(fault.clone()) => return stop,
        };
        if read == 0 {
            return Stop::Closed;
        }
        if let Err(stop) = pass(&mut fault, reply).await {
            return stop;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return Stop::Closed;
        }
    }
}

/// Resolves when open connections must stop.
async fn cut(mut fault: watch::Receiver<Fault>) -> Stop {
    match fault
        .wait_for(|fault| matches!(fault, Fault::Cut | Fault::HalfOpen))
        .await
        .as_deref()
    {
        Ok(Fault::HalfOpen) => Stop::Silent,
        _ => Stop::Closed,
    }
}

/// Waits until the line behaves differently.
async fn held(fault: &mut watch::Receiver<Fault>) -> Result<(), Stop> {
    fault.changed().await.map_err(|_| Stop::Closed)
}

/// Waits until a piece may pass, or says how the connection stops.
async fn pass(fault: &mut watch::Receiver<Fault>, reply: bool) -> Result<(), Stop> {
    loop {
        let now = *fault.borrow_and_update();
        match now {
            Fault::Cut => return Err(Stop::Closed),
            Fault::LoseReplies if reply => return Err(Stop::Closed),
            Fault::HalfOpen => return Err(Stop::Silent),
            Fault::Slow(delay) => {
                sleep(delay).await;
                return Ok(());
            }
            Fault::BlackHole => held(fault).await?,
            Fault::HoldRequests if !reply => held(fault).await?,
            Fault::HoldReplies if reply => held(fault).await?,
            Fault::None | Fault::LoseReplies | Fault::HoldRequests | Fault::HoldReplies => return Ok(()),
        }
    }
}
