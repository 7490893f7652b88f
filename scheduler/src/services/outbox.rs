//! Sends what runs left in the outbox: callbacks and emitted events. Leased, sent, then deleted (P13).

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use levqor_egress::Request;
use levqor_store::{NewEvent, OutboxKind, OutboxRow, Ready, StoreError};

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
    let id = row.id;
    let done = match row.kind {
        OutboxKind::Callback => call_back(context, &row).await,
        OutboxKind::Event => ingest(context, &row).await,
    };
    match done {
        Ok(()) => Some(id),
        Err(reason) => {
            tracing::info!(run = %row.run, attempt = row.attempts, reason, "message not delivered; it stays");
            None
        }
    }
}

/// POSTs the end notice. 2xx is delivery; anything else is tried again.
async fn call_back(context: &Context, row: &OutboxRow) -> Result<(), String> {
    let result = try_call_back(context, row).await;
    let counter = match result {
        Ok(()) => &context.stats.callbacks_sent,
        Err(_) => &context.stats.callbacks_failed,
    };
    SchedulerStats::add(counter, 1);
    result
}

async fn try_call_back(context: &Context, row: &OutboxRow) -> Result<(), String> {
    let signer = context.signer.as_ref().ok_or("no secret key is configured")?;
    let url = row.target.as_deref().ok_or("the message has no address")?;
    let now = context.store.now().await.map_err(|e| e.to_string())?;
    let request = signed(
        signer,
        row,
        url,
        now.0 / 1_000_000,
        context.options.callback_timeout,
    );
    let response = context.egress.send(request).await.map_err(|e| e.to_string())?;
    if (200..300).contains(&response.status) {
        Ok(())
    } else {
        Err(format!("answered {}", response.status))
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
async fn ingest(context: &Context, row: &OutboxRow) -> Result<(), String> {
    let event = emitted(row).ok_or("the message is not a CloudEvent")?;
    let ingested = context.store.ingest(&event).await.map_err(|e| e.to_string())?;
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
