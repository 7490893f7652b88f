//! The API role.

use std::sync::Arc;

use levqor_api::{ActivityInfo, ApiOptions, ApiState};
use levqor_store::batch::{Deliveries, Intake};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Parts, metrics::ApiFigures};
use crate::system::{self, SystemClock};

/// A serving API.
pub(crate) struct Api {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Api {
    /// Accepts nothing more and answers what is under way.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the api ended badly");
        }
    }
}

/// Starts serving.
pub(crate) fn start(parts: &Parts, listener: TcpListener) -> Api {
    let state = state(parts);
    let stop = CancellationToken::new();
    let until = stop.clone().cancelled_owned();
    let task = tokio::spawn(async move {
        if let Err(error) = levqor_api::serve(listener, state, until).await {
            tracing::error!(%error, "the api cannot serve");
        }
    });
    Api { stop, task }
}

fn state(parts: &Parts) -> ApiState {
    let (store, ids) = (&parts.store, &parts.ids);
    let commits = Arc::new(());
    let metrics = parts.metrics.clone();
    let signer = parts.signer.clone();
    ApiState {
        store: store.clone(),
        queue: parts.queue.clone(),
        intake: Intake::over(store.clone(), ids.clone(), commits.clone()),
        deliveries: Deliveries::over(store.clone(), ids.clone(), commits),
        ids: ids.clone(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(system::secret_bytes),
        webhook_secret: signer.map(|signer| Arc::new(move |tenant| signer.secret(tenant).reveal()) as _),
        observer: Arc::new(ApiFigures::new(&parts.metrics)),
        metrics: Arc::new(move || metrics.render()),
        platform: parts.platform.clone(),
        options: options(parts),
    }
}

fn options(parts: &Parts) -> ApiOptions {
    ApiOptions {
        public_url: parts.config.public_url.clone(),
        trusted_proxies: usize::from(parts.config.trust_proxy),
        activities: Arc::new(activities()),
        ..ApiOptions::default()
    }
}

/// The activities of the worker built into this binary: a fleet runs one version of it.
fn activities() -> Vec<ActivityInfo> {
    let described = levqor_worker::registry().describe();
    let info = |activity: levqor_worker::activity::Description| ActivityInfo {
        name: activity.name.to_owned(),
        description: activity.about.to_owned(),
        input: activity.input.to_value(),
        output: activity.output.to_value(),
    };
    described.into_iter().map(info).collect()
}
