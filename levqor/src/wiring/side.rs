//! Metrics and health of a worker or scheduler, on an address of their own.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use levqor_queue::Queue;
use levqor_store::Store;
use poem::{
    EndpointExt, Response, Route, Server, get, handler, http::StatusCode, listener::TcpAcceptor, web::Data,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::Parts;

/// Longest an answer of the database or the queue may take for this process to be ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server beside a role; nothing when no address is configured.
pub(crate) struct Side {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Side {
    /// Ends after the requests under way.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Some(task) = self.task {
            // It ends with its own errors logged; a panic in it has been reported by the panic hook.
            let _ended = task.await;
        }
    }
}

/// Serves `/metrics`, `/health/live` and `/health/ready`.
pub(crate) async fn serve_side(parts: &Parts) -> anyhow::Result<Side> {
    let stop = CancellationToken::new();
    let Some(address) = parts.config.metrics_listen else {
        return Ok(Side { stop, task: None });
    };
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics and health");
    let routes = Route::new()
        .at("/metrics", get(metrics))
        .at("/health/live", get(live))
        .at("/health/ready", get(ready))
        .data(parts.clone());
    let until = stop.clone().cancelled_owned();
    let serve = Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?).run_with_graceful_shutdown(
        routes,
        until,
        Some(PATIENCE),
    );
    let task = tokio::spawn(async move {
        if let Err(error) = serve.await {
            tracing::error!(%error, "metrics are not served any more");
        }
    });
    Ok(Side {
        stop,
        task: Some(task),
    })
}

#[handler]
fn metrics(Data(parts): Data<&Parts>) -> Response {
    Response::builder()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(parts.metrics.render())
}

#[handler]
fn live() -> &'static str {
    "live\n"
}

#[handler]
async fn ready(Data(parts): Data<&Parts>) -> Response {
    let failed = failed(parts.store.clone(), parts.queue.clone()).await;
    let status = if failed.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = if failed.is_empty() {
        "ready\n".to_owned()
    } else {
        format!("no answer from: {}\n", failed.join(", "))
    };
    Response::builder()
        .status(status)
        .content_type("text/plain")
        .body(body)
}

async fn failed(store: Arc<dyn Store>, queue: Arc<dyn Queue>) -> Vec<&'static str> {
    let database = async { store.ping().await.is_ok() };
    let queue = async { queue.ping().await.is_ok() };
    let (database, queue) = tokio::join!(
        tokio::time::timeout(PATIENCE, database),
        tokio::time::timeout(PATIENCE, queue)
    );
    let answers = [("database", database), ("queue", queue)];
    answers
        .into_iter()
        .filter(|(_, answer)| !answer.as_ref().is_ok_and(|good| *good))
        .map(|(name, _)| name)
        .collect()
}
