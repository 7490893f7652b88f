//! All roles in this process, on an embedded database.

use levqor_scheduler::SchedulerHandle;
use levqor_worker::WorkerHandle;
use tokio::net::TcpListener;

use crate::{
    shutdown::Asked,
    wiring::{self, Opened, Parts},
};

/// API, worker and scheduler, running.
pub(super) struct Embedded {
    /// What they share.
    pub(super) parts: Parts,
    opened: Opened,
    worker: WorkerHandle,
    scheduler: SchedulerHandle,
    api: wiring::api::Api,
}

impl Embedded {
    /// Starts them over an open database.
    pub(super) async fn start(parts: Parts, opened: Opened, listener: TcpListener) -> anyhow::Result<Self> {
        parts.platform.processes.install_system().await?;
        let worker = wiring::worker::start(&parts).await?;
        let scheduler = wiring::scheduler::start(&parts);
        wiring::metrics::worker(&parts, &worker);
        wiring::metrics::scheduler(&parts, &scheduler);
        let api = wiring::api::start(&parts, listener);
        Ok(Self {
            parts,
            opened,
            worker,
            scheduler,
            api,
        })
    }

    /// Serves until SIGTERM or Ctrl-C, then stops.
    pub(super) async fn serve(self, mut asked: Asked) -> anyhow::Result<()> {
        let lost = self.worker.lost();
        let went = tokio::select! {
            () = asked.wait() => Ok(()),
            () = lost.cancelled() => Err(anyhow::anyhow!(
                "this process stood still for longer than worker_lease; start it again"
            )),
        };
        self.stop().await;
        went
    }

    /// Lets running steps finish, then closes the database.
    pub(super) async fn stop(self) {
        let drain = self.parts.config.drain;
        self.api.stop().await;
        self.scheduler.stop().await;
        self.worker.drain(drain).await;
        self.parts.flush_traces().await;
        drop(self.parts);
        self.opened.close().await;
    }
}
