//! Sends what runs left in the outbox: callbacks and emitted events. Leased, sent, then deleted (P13). What can never
//! be delivered is given up, with an error in the log: else it would hold back its run's younger messages for ever.

mod trace;

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use levqor_egress::{EgressError, Request};
use levqor_store::{NewEvent, OutboxKind, OutboxRow, Ready, StoreError};

use self::trace::Told;
use crate::{
    context::Context,
    service::{Pace, Service},
    stats::SchedulerStats,
    webhook::Signer,
};

const BATCH: u16 = 256;
const BUSY: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(1);

/// Passes after a busy one that still look soon: what a run sends often comes in a row.
const PATIENCE: u8 = 20;

/// Tries of a callback. The store leases a row for 10 s at its first try and for twice as long at each further one, from
/// the tenth on for 5,120 s: the last try begins 107,510 s (29 h 51 min 50 s) after the first.
const MOST_TRIES: i32 = 30;

/// Why a message was not delivered, and with it whether another try is worth making.
#[derive(Debug)]
enum Failure {
    /// This side could not try: the database is away, no secret key is set. It stays for as long as that lasts.
    Here(String),
    /// The receiver did not take it: [`MOST_TRIES`] in all.
    There(String),
    /// No later try can go better.
    Final(String),
}

impl Failure {
    fn is_final(&self, attempts: i32) -> bool {
        match self {
            Self::Here(_) => false,
            Self::There(_) => attempts >= MOST_TRIES,
            Self::Final(_) => true,
        }
    }

    fn reason(&self) -> &str {
        let (Self::Here(reason) | Self::There(reason) | Self::Final(reason)) = self;
        reason
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Refused(_) => Self::Final(error.to_string()),
            _ => Self::There(error.to_string()),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Such as an attribute longer than an index takes: it would hold up what the run sent after it.
            StoreError::Data(_) => Self::Final(error.to_string()),
            _ => Self::Here(error.to_string()),
        }
    }
}

#[derive(Default)]
pub(crate) struct Outbox {
    patience: u8,
}

#[async_trait]
impl Service for Outbox {
    const NAME: &'static str = "outbox";

    async fn pass(&mut self, context: &Context) -> Result<Pace, StoreError> {
        let rows = context.store.lease_outbox(context.term, BATCH.into()).await?;
        if rows.is_empty() {
            self.patience = self.patience.saturating_sub(1);
            return Ok(Pace::After(if self.patience > 0 { BUSY } else { IDLE }));
        }
        self.patience = PATIENCE;
        let full = rows.len() == usize::from(BATCH);
        let sent: Vec<i64> = stream::iter(rows)
            .map(|row| send(context, row))
            .buffer_unordered(context.options.outbox_parallel)
            .filter_map(|sent| async move { sent })
            .collect()
            .await;
        context.store.delete_outbox(&sent).await?;
        Ok(if full { Pace::Again } else { Pace::After(BUSY) })
    }
}

/// Sends one message; its id when it may be deleted.
async fn send(context: &Context, row: OutboxRow) -> Option<i64> {
    let done = match row.kind {
        OutboxKind::Callback => call_back(context, &row).await,
        OutboxKind::Event => ingest(context, &row).await,
        OutboxKind::Result => record(context, &row).await,
    };
    match done {
        Ok(()) => Some(row.id),
        Err(failure) if failure.is_final(row.attempts) => {
            give_up(context, &row, failure.reason());
            Some(row.id)
        }
        Err(failure) => {
            let (attempt, reason) = (row.attempts, failure.reason());
            tracing::info!(run = %row.run, attempt, reason, "message not delivered; it stays");
            None
        }
    }
}

/// The only trace that stays of the message: its body is the run's outcome, which the API still answers.
fn give_up(context: &Context, row: &OutboxRow, reason: &str) {
    let attempts = row.attempts;
    match row.kind {
        OutboxKind::Callback => {
            SchedulerStats::add(&context.stats.callbacks_given_up, 1);
            tracing::error!(run = %row.run, tenant = %row.tenant, attempts, reason, "callback given up");
        }
        OutboxKind::Event => {
            tracing::error!(run = %row.run, tenant = %row.tenant, attempts, reason, "emitted event given up");
        }
        OutboxKind::Result => {
            tracing::error!(run = %row.run, tenant = %row.tenant, attempts, reason, "result of a run given up");
        }
    }
}

/// POSTs the end notice. 2xx is delivery; anything else is a failed try.
async fn call_back(context: &Context, row: &OutboxRow) -> Result<(), Failure> {
    let result = try_call_back(context, row).await;
    let counter = match result {
        Ok(()) => &context.stats.callbacks_sent,
        Err(_) => &context.stats.callbacks_failed,
    };
    SchedulerStats::add(counter, 1);
    result
}

async fn try_call_back(context: &Context, row: &OutboxRow) -> Result<(), Failure> {
    let unsigned = || Failure::Here("no secret key is configured".to_owned());
    let signer = context.signer.as_ref().ok_or_else(unsigned)?;
    let nowhere = || Failure::Final("the message has no address".to_owned());
    let url = row.target.as_deref().ok_or_else(nowhere)?;
    let began = context.store.now().await?;
    let told = Told::of(context, row);
    let mut request = signed(
        signer,
        row,
        url,
        began.0 / 1_000_000,
        context.options.callback_timeout,
    );
    request.headers.extend(told.as_ref().map(Told::header));
    let status = context.egress.send(request).await.map(|response| response.status);
    if let Some(told) = told {
        told.over(context, row, began, status.as_ref().ok().copied())
            .await;
    }
    let status = status?;
    if (200..300).contains(&status) {
        Ok(())
    } else {
        Err(Failure::There(format!("answered {status}")))
    }
}

/// One `webhook-id` on every try (run + epoch), so that the receiver can tell a repeat.
fn signed(signer: &Signer, row: &OutboxRow, url: &str, seconds: i64, timeout: Duration) -> Request {
    let id = format!("{}-{}", row.run, row.epoch);
    let signature = signer.secret(row.tenant).sign(&id, seconds, &row.body);
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("webhook-id".to_owned(), id),
        ("webhook-timestamp".to_owned(), seconds.to_string()),
        ("webhook-signature".to_owned(), signature),
    ];
    Request {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers,
        body: Some(row.body.clone().into()),
        timeout: Some(timeout),
        follow_redirects: false,
        idempotency_key: None,
    }
}

/// An emitted event comes back in here; its id makes a repeat harmless.
async fn ingest(context: &Context, row: &OutboxRow) -> Result<(), Failure> {
    let other = || Failure::Final("the message is not a CloudEvent".to_owned());
    let event = emitted(row).ok_or_else(other)?;
    let ingested = context.store.ingest(&event).await?;
    SchedulerStats::add(&context.stats.events_ingested, 1);
    let ready: Vec<Ready> = ingested
        .hints
        .iter()
        .map(|(run, epoch)| Ready {
            run: *run,
            epoch: *epoch,
            priority: 1,
        })
        .collect();
    context.ring(&ready).await;
    Ok(())
}

/// The operator's list of runs; a repeat writes the same row.
async fn record(context: &Context, row: &OutboxRow) -> Result<(), Failure> {
    let result = levqor_notion::run_row(row.tenant, row.run, row.epoch, &row.body);
    let result = result.ok_or_else(|| Failure::Final("the message is no result of a run".to_owned()))?;
    let db = &context.platform.db;
    let now = db.now().await?;
    let tx = db.begin().await?;
    levqor_notion::upsert(&tx, &context.platform, now, result).await?;
    tx.commit().await?;
    Ok(())
}

fn emitted(row: &OutboxRow) -> Option<NewEvent> {
    let event: serde_json::Value = serde_json::from_slice(&row.body).ok()?;
    let text = |name: &str| event.get(name)?.as_str().map(str::to_owned);
    Some(NewEvent {
        tenant: row.tenant,
        source: text("source")?,
        event_id: text("id")?,
        event_type: text("type")?,
        body: row.body.clone(),
    })
}

#[cfg(test)]
mod tests;
