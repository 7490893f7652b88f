//! `levqor api`, `worker`, `scheduler`: one role a process, on Postgres and Redis.

use std::process::ExitCode;

use crate::{config::Config, shutdown::Asked, wiring};

/// Serves HTTP until asked to stop.
pub(crate) async fn api(config: Config) -> anyhow::Result<()> {
    let _lines = wiring::logs(&config)?;
    let listener = super::up::listen(&config).await?;
    let opened = wiring::when_it_answers(async || wiring::open(&config).await).await?;
    let parts = wiring::Parts::new(config, "api", opened.store.clone()).await?;
    let address = listener.local_addr()?;
    let api = wiring::api::start(&parts, listener);
    let mut asked = Asked::listen()?;
    tracing::info!(%address, "api is ready");
    asked.wait().await;
    api.stop().await;
    parts.flush_traces().await;
    opened.close().await;
    Ok(())
}

/// Performs runs until asked to stop, then lets running steps finish. Fails when it was declared dead.
pub(crate) async fn worker(config: Config) -> anyhow::Result<ExitCode> {
    let _lines = wiring::logs(&config)?;
    let opened = wiring::when_it_answers(async || wiring::open(&config).await).await?;
    let parts = wiring::Parts::new(config, "worker", opened.store.clone()).await?;
    let worker = wiring::when_it_answers(async || wiring::worker::start(&parts).await).await?;
    wiring::metrics::worker(&parts, &worker);
    let side = wiring::serve_side(&parts).await?;
    let mut asked = Asked::listen()?;
    tracing::info!(worker = %worker.id(), slots = parts.config.slots, "worker is ready");
    let lost = worker.lost();
    tokio::select! {
        () = asked.wait() => {}
        () = lost.cancelled() => {
            let fenced = worker.stats().fenced.get();
            tracing::error!(fenced, "this worker was declared dead; its runs belong to others now");
            return Ok(ExitCode::FAILURE);
        }
    }
    let drained = worker.drain(parts.config.drain).await;
    parts.flush_traces().await;
    tracing::info!(
        released = drained.released,
        complete = drained.complete,
        "drained"
    );
    side.stop().await;
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Leads or follows until asked to stop.
pub(crate) async fn scheduler(config: Config) -> anyhow::Result<()> {
    let _lines = wiring::logs(&config)?;
    let opened = wiring::when_it_answers(async || wiring::open(&config).await).await?;
    let parts = wiring::Parts::new(config, "scheduler", opened.store.clone()).await?;
    if parts.signer.is_none() {
        tracing::warn!("no secret_key is set: callbacks are kept and not sent until it is");
    }
    wiring::when_it_answers(async || parts.platform.processes.install_system().await).await?;
    let scheduler = wiring::scheduler::start(&parts);
    wiring::metrics::scheduler(&parts, &scheduler);
    let side = wiring::serve_side(&parts).await?;
    let mut asked = Asked::listen()?;
    tracing::info!("scheduler is ready");
    asked.wait().await;
    scheduler.stop().await;
    parts.flush_traces().await;
    side.stop().await;
    opened.close().await;
    Ok(())
}
