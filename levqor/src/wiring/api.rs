//! The API role.

use std::sync::Arc;

use levqor_api::{ActivityInfo, ApiOptions, ApiState};
use levqor_store::batch::{Deliveries, Intake};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Parts, metrics::ApiFigures};
use crate::{
    config::SecretKey,
    system::{self, SystemClock},
};

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
    let commits = parts.batches.clone();
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
        stripe: stripe(parts),
        options: options(parts),
    }
}

/// What is not set is said: its operations answer 501.
fn stripe(parts: &Parts) -> levqor_billing::Stripe {
    let settings = &parts.config.stripe;
    if settings.webhook_secrets.is_empty() {
        tracing::info!(
            "stripe_webhook_secrets is not set: no events of Stripe are taken, no tenant is billed"
        );
    }
    if settings.secret_key.is_none() {
        tracing::info!("stripe_secret_key is not set: the customer portal of Stripe cannot be opened");
    }
    let client = |key: &SecretKey| {
        let client = levqor_stripe::Client::new(parts.egress.clone(), key.0.clone(), settings.url.as_deref());
        Arc::new(client) as Arc<dyn levqor_billing::Portal>
    };
    levqor_billing::Stripe {
        webhook_secrets: settings.webhook_secrets.clone().into(),
        portal: settings.secret_key.as_ref().map(client),
    }
}

fn options(parts: &Parts) -> ApiOptions {
    ApiOptions {
        public_url: parts.config.public_url.clone(),
        trusted_proxies: usize::from(parts.config.trust_proxy),
        activities: Arc::new(activities()),
        accounting: parts.config.money.0.clone(),
        tracer: parts.tracer.clone(),
        intake_backlog: parts.config.intake_backlog,
        intake_backlog_low: parts.config.intake_backlog_low,
        resend_webhook_secrets: parts.config.mail.webhook_secrets.clone(),
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
