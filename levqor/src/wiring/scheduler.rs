//! The scheduler role.

use std::sync::Arc;

use levqor_mail::Mailer;
use levqor_notion::{Client, Sender};
use levqor_scheduler::{Scheduler, SchedulerHandle, SchedulerOptions};
use levqor_store::WorkerId;

use super::{Parts, metrics::SchedulerFigures};

/// Starts campaigning for the lease.
pub(crate) fn start(parts: &Parts) -> SchedulerHandle {
    Scheduler {
        store: parts.store.clone(),
        queue: parts.queue.clone(),
        egress: parts.egress.clone(),
        signer: parts.signer.clone(),
        mailer: mailer(parts),
        notion: notion(parts),
        platform: parts.platform.clone(),
        observer: Arc::new(SchedulerFigures::new(
            &parts.metrics,
            &parts.config.money.0.currency,
        )),
        options: SchedulerOptions {
            worker_lease: parts.config.worker_lease,
            accounting: parts.config.money.0.clone(),
            tracer: parts.tracer.clone(),
            status_interval: parts.config.status_interval,
            autoscaling: parts.config.autoscaler.0.clone(),
            ..SchedulerOptions::default()
        },
        holder: WorkerId(parts.ids.uuid_v7()),
    }
    .start()
}

/// None without a token; rows wait for it.
fn notion(parts: &Parts) -> Option<Arc<Sender>> {
    let settings = &parts.config.notion;
    let token = settings.token.as_deref()?;
    let client = Arc::new(Client::new(parts.egress.clone(), &settings.url, token));
    let sender = Sender::new(parts.platform.db.clone(), client, settings.databases.clone());
    Some(Arc::new(sender))
}

/// None while a setting is missing; mails wait for it.
fn mailer(parts: &Parts) -> Option<Mailer> {
    let mailer = Mailer::new(parts.platform.clone(), &parts.egress, &parts.config.mail.options);
    let missing = |error| tracing::warn!("{error}: mails are kept and not sent until it is set");
    mailer.map_err(missing).ok()
}
