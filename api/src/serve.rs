//! The server: connections in, a drain at the end.

use std::{convert::Infallible, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Addr, Endpoint, Response,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app,
    state::{ApiState, Shared},
};

/// The head of a request, and the pause before the next on the same connection, may take this long.
const HEAD_TIMEOUT: Duration = Duration::from_mins(1);

/// Most bytes of a request's head.
const HEAD_LIMIT: usize = 64 * 1024;

/// Requests under way at shutdown may take this long.
const DRAIN: Duration = Duration::from_secs(20);

/// Pause after a failed accept (no file descriptor left): accepting again at once would only burn CPU.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown`, then answers what is under way, for at most 20 seconds; who waits for a run is told how it
/// is. HTTP/1.1; a proxy before it adds
/// TLS and HTTP/2.
///
/// # Errors
/// The listener has no address.
pub async fn serve(
    listener: TcpListener,
    state: ApiState,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let local = listener.local_addr()?;
    let slots = Arc::new(Semaphore::new(state.options.connections));
    let shared = Shared::start(state);
    let server = Arc::new(Server {
        endpoint: app::over(Arc::clone(&shared)),
        local,
        stop: CancellationToken::new(),
    });
    let connections = TaskTracker::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        match accepted {
            Ok((stream, remote, slot)) => {
                connections.spawn(Arc::clone(&server).connection(stream, remote, slot));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    shared.waiters.let_go();
    drain(&server.stop, &connections).await;
    Ok(())
}

/// A connection, when there is room for one.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots)
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, remote) = listener.accept().await?;
    Ok((stream, remote, slot))
}

async fn drain(stop: &CancellationToken, connections: &TaskTracker) {
    stop.cancel();
    connections.close();
    if tokio::time::timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections still open after the drain");
    }
}

struct Server<E> {
    endpoint: E,
    local: SocketAddr,
    stop: CancellationToken,
}

impl<E: Endpoint<Output = Response> + 'static> Server<E> {
    async fn connection(self: Arc<Self>, stream: TcpStream, remote: SocketAddr, _slot: OwnedSemaphorePermit) {
        // Answers are small and whole: waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let answer = self.answer(request, remote);
            async { Ok::<hyper::Response<_>, Infallible>(answer.await.into()) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %remote, "connection broke");
        }
    }

    async fn answer(&self, request: hyper::Request<Incoming>, remote: SocketAddr) -> Response {
        let local = LocalAddr(Addr::SocketAddr(self.local));
        let remote = RemoteAddr(Addr::SocketAddr(remote));
        self.endpoint
            .get_response((request, local, remote, Scheme::HTTP).into())
            .await
    }
}
