//! Waking a run of ours that listens.

use levqor_queue::Hint;
use levqor_store::{Delivery, DeliveryFate, InboxKind, RunId, TenantId};
use serde_json::{Value, json};

use crate::{ProcessError, Processes, start::PRIORITY};

impl Processes {
    /// Gives one run an event of this type, past all subscriptions: nobody else can, and no other run sees it. A run
    /// that does not listen at the moment finds it when it does; one that has ended is no error.
    ///
    /// # Errors
    /// The database is away.
    pub async fn wake(
        &self,
        tenant: TenantId,
        run: RunId,
        event_type: &str,
        data: &Value,
    ) -> Result<(), ProcessError> {
        let id = self.ids.uuid_v7();
        let event =
            json!({"specversion": "1.0", "id": id, "source": "/levqor", "type": event_type, "data": data});
        let delivery = Delivery {
            tenant,
            run,
            kind: InboxKind::Event,
            body: event.to_string().into_bytes(),
        };
        let fates = self.store.deliver(id, &[delivery]).await?;
        if let Some(DeliveryFate::Delivered { hint: Some(epoch) }) = fates.first() {
            let hint = Hint {
                run: run.0,
                epoch: *epoch,
            };
            if let Err(error) = self.queue.push(PRIORITY, &[hint]).await {
                tracing::debug!(%error, "hint not pushed");
            }
        }
        Ok(())
    }
}
