//! Accepting runs and deliveries.

use async_trait::async_trait;
use uuid::Uuid;

use super::events;
use super::inbox::Messages;
use super::insert::NewRuns;
use super::writer::Tx;
use super::{SqliteStore, get};
use crate::{
    Delivery, DeliveryFate, Ingested, IntakeFate, IntakeStore, NewEvent, NewRun, StoreError, Timestamp,
};

/// When the batch with this token was committed first: now, unless it is a repeat (P2).
struct Batch {
    at: Timestamp,
    repeat: bool,
}

async fn batch(tx: &mut Tx, token: Uuid) -> Result<Batch, StoreError> {
    let now = tx.now;
    let insert = sqlx::query("INSERT INTO batches (token, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
    if tx.execute(insert.bind(token).bind(now.0)).await?.rows_affected() == 1 {
        return Ok(Batch {
            at: now,
            repeat: false,
        });
    }
    let first = tx
        .first(sqlx::query("SELECT at FROM batches WHERE token = ?1").bind(token))
        .await?;
    let at = first.map(|row| get(&row, 0)).transpose()?.map_or(now, Timestamp);
    Ok(Batch { at, repeat: true })
}

#[async_trait]
impl IntakeStore for SqliteStore {
    async fn intake(&self, token: Uuid, runs: &[NewRun]) -> Result<Vec<IntakeFate>, StoreError> {
        let runs = NewRuns::new(runs);
        self.write(runs.count(), move |tx| {
            Box::pin(async move {
                if !runs.keyed() {
                    let at = runs.insert_keyless(tx, token).await?;
                    return runs.fates(tx, at).await;
                }
                let batch = batch(tx, token).await?;
                if !batch.repeat {
                    runs.insert(tx, true).await?;
                }
                runs.fates(tx, batch.at).await
            })
        })
        .await
    }

    async fn deliver(&self, token: Uuid, deliveries: &[Delivery]) -> Result<Vec<DeliveryFate>, StoreError> {
        let messages = Messages::of_deliveries(deliveries);
        self.write(deliveries.len(), move |tx| {
            Box::pin(async move {
                let batch = batch(tx, token).await?;
                if !batch.repeat {
                    messages.post(tx, None).await?;
                }
                messages.fates(tx).await
            })
        })
        .await
    }

    async fn ingest(&self, event: &NewEvent) -> Result<Ingested, StoreError> {
        let event = event.clone();
        self.write(events::BOUND, move |tx| {
            Box::pin(async move { events::ingest(tx, &event).await })
        })
        .await
    }
}
