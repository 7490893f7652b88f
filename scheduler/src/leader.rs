//! Leadership: a lease in the database, a number for each term, services that live as long as the term.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use levqor_egress::Egress;
use levqor_mail::Mailer;
use levqor_platform::Platform;
use levqor_queue::Queue;
use levqor_store::{Store, WorkerId};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    Observer, SchedulerOptions, SchedulerStats,
    context::Context,
    seen::Seen,
    service,
    services::{
        autoscaler::Autoscale, billing::Billing, cron, events::Events, expiry::Expiry, figures::Figures,
        ledger::Ledger, mail::Mail, money::Money, notion::Notion, outbox::Outbox, partitions::Partitions,
        relay::Relay, rescuer::Rescuer, status::Status, sweeper::Sweeper, timers::Timers, vacuum::Vacuum,
    },
    webhook::Signer,
};

/// A scheduler process: leads or follows.
pub struct Scheduler {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Where hints go.
    pub queue: Arc<dyn Queue>,
    /// Sends callbacks.
    pub egress: Egress,
    /// Signs callbacks; without it they wait in the outbox.
    pub signer: Option<Signer>,
    /// Sends mails; without it they wait.
    pub mailer: Option<Mailer>,
    /// Brings the operator's Notion up to date; without it rows wait.
    pub notion: Option<Arc<levqor_notion::Sender>>,
    /// What the product's services stand on.
    pub platform: Platform,
    /// Told how punctual the services are; the unit when nobody listens.
    pub observer: Arc<dyn Observer>,
    /// Times and sizes.
    pub options: SchedulerOptions,
    /// This process in the leader table; new at each start.
    pub holder: WorkerId,
}

/// A running scheduler.
pub struct SchedulerHandle {
    /// Counters.
    pub stats: Arc<SchedulerStats>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl SchedulerHandle {
    /// Ends the services, gives the lease up and waits for that.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "scheduler ended badly");
        }
    }
}

impl Scheduler {
    /// Starts in the background.
    pub fn start(self) -> SchedulerHandle {
        let stats = Arc::new(SchedulerStats::default());
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.campaign(stats.clone(), stop.clone()));
        SchedulerHandle { stats, stop, task }
    }

    /// Asks for the lease again and again: as a follower to get it, as the leader to keep it.
    async fn campaign(self, stats: Arc<SchedulerStats>, stop: CancellationToken) {
        let mut leading: Option<Leading> = None;
        let pause = self.options.leader_lease / 3;
        while !stop.is_cancelled() {
            let term = match self.store.lead(self.holder, self.options.leader_lease).await {
                Ok(term) => term,
                Err(error) => {
                    tracing::warn!(%error, "leader lease not renewed");
                    // The term's writes are bound to its number, so the services may go on until another leads.
                    leading.as_mut().map(|l| l.term)
                }
            };
            if leading.as_mut().is_some_and(|l| Some(l.term) != term || l.over()) {
                Self::resign(&mut leading, &stats).await;
            }
            if let (None, Some(term)) = (&leading, term) {
                leading = Some(self.begin(term, &stats, &stop));
            }
            wait(&stop, pause).await;
        }
        Self::resign(&mut leading, &stats).await;
        if let Err(error) = self.store.abdicate(self.holder).await {
            tracing::debug!(%error, "lease not given up; it runs out by itself");
        }
    }

    async fn resign(leading: &mut Option<Leading>, stats: &SchedulerStats) {
        if let Some(leading) = leading.take() {
            leading.end().await;
            stats.term.store(0, Ordering::Relaxed);
            *stats.fleet.lock() = None;
            *stats.money.lock() = None;
            *stats.autoscaler.lock() = None;
        }
    }

    fn begin(&self, term: i64, stats: &Arc<SchedulerStats>, stop: &CancellationToken) -> Leading {
        tracing::info!(term, "leading");
        stats.term.store(term, Ordering::Relaxed);
        let context = Arc::new(Context {
            store: self.store.clone(),
            queue: self.queue.clone(),
            egress: self.egress.clone(),
            signer: self.signer.clone(),
            mailer: self.mailer.clone(),
            notion: self.notion.clone(),
            platform: self.platform.clone(),
            observer: self.observer.clone(),
            options: self.options.clone(),
            stats: stats.clone(),
            term,
            seen: Seen::default(),
            stop: stop.child_token(),
        });
        let mut services = JoinSet::new();
        services.spawn(service::run(Timers::default(), context.clone()));
        services.spawn(service::run(Relay::default(), context.clone()));
        services.spawn(service::run(Rescuer::default(), context.clone()));
        services.spawn(service::run(Outbox::default(), context.clone()));
        services.spawn(service::run(Notion, context.clone()));
        services.spawn(service::run(Mail::default(), context.clone()));
        services.spawn(service::run(Events, context.clone()));
        services.spawn(service::run(Sweeper, context.clone()));
        services.spawn(service::run(Vacuum::default(), context.clone()));
        services.spawn(service::run(Partitions, context.clone()));
        services.spawn(service::run(Expiry::default(), context.clone()));
        services.spawn(service::run(Billing::default(), context.clone()));
        services.spawn(service::run(Ledger, context.clone()));
        services.spawn(service::run(Figures, context.clone()));
        services.spawn(service::run(Money, context.clone()));
        services.spawn(service::run(Autoscale::default(), context.clone()));
        services.spawn(service::run(Status::default(), context.clone()));
        services.spawn(cron::run(context.clone()));
        Leading {
            term,
            context,
            services,
        }
    }
}

/// The services of one term.
struct Leading {
    term: i64,
    context: Arc<Context>,
    services: JoinSet<()>,
}

impl Leading {
    /// A service found that another leads, or ended although nobody stopped it: all begin anew.
    fn over(&mut self) -> bool {
        self.context.stop.is_cancelled() || self.services.try_join_next().is_some()
    }

    async fn end(mut self) {
        self.context.stop.cancel();
        while self.services.join_next().await.is_some() {}
    }
}

async fn wait(stop: &CancellationToken, pause: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
