//! Putting rows into inboxes and waking their runs (P4, P7); reading them.

use std::collections::HashMap;

use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use super::{get, int};
use crate::{Delivery, DeliveryFate, InboxKind, InboxRow, Ready, RunId, StoreError, Timestamp};

/// By id alone (P7), once per run (P4): the first message of a run carries how many there are.
const WAKE: &str = "
UPDATE live SET inbox = live.inbox + (r.value ->> 3),
    state = CASE live.state WHEN 2 THEN 0 ELSE live.state END,
    ready = CASE WHEN live.state <= 2 THEN 1 ELSE live.ready END
FROM jsonb_each(?1) AS r
WHERE live.id = substr(?2, r.value ->> 0, 16) AND r.value ->> 2 = 1
  AND (r.value ->> 1 IS NULL OR live.tenant_id = substr(?2, r.value ->> 1, 16))
RETURNING id, epoch, priority, state = 0 AND ready = 1";

/// The live row already counts the new messages, so a run's first new one is `inbox - count + 1`.
const INSERT: &str = "
INSERT INTO inbox (run_id, n, kind, body, at)
SELECT l.id, l.inbox - (r.value ->> 3) + (r.value ->> 2), r.value ->> 4,
       coalesce(substr(?2, r.value ->> 5, r.value ->> 6), ?4), ?3
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE r.value ->> 1 IS NULL OR l.tenant_id = substr(?2, r.value ->> 1, 16)";

const FATES: &str = "
SELECT r.key, CASE WHEN l.state = 0 AND l.ready = 1 THEN l.epoch END
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE l.tenant_id = substr(?2, r.value ->> 1, 16)";

/// A message for a run's inbox.
pub(super) struct Message<'a> {
    pub(super) run: Uuid,
    /// Only to a run of this tenant, when there is one.
    pub(super) tenant: Option<Uuid>,
    pub(super) kind: InboxKind,
    /// None: the body that all share.
    pub(super) body: Option<&'a [u8]>,
}

/// Messages as parameters: run, tenant, ordinal and count within the run, kind, body.
pub(super) struct Messages(Rows);

impl Messages {
    pub(super) fn new(messages: &[Message<'_>]) -> Self {
        let mut counts = HashMap::<_, i64>::new();
        for message in messages {
            *counts.entry((message.run, message.tenant)).or_default() += 1;
        }
        let mut ordinals = HashMap::<_, i64>::new();
        let mut rows = Rows::default();
        for message in messages {
            let addressee = (message.run, message.tenant);
            let ordinal = ordinals.entry(addressee).or_default();
            *ordinal += 1;
            rows.push(&[
                Cell::Id(message.run),
                message.tenant.map_or(Cell::MaybeInt(None), Cell::Id),
                Cell::Int(*ordinal),
                Cell::Int(counts.get(&addressee).copied().unwrap_or(1)),
                Cell::Int(message.kind as i64),
                Cell::Bytes(message.body),
            ]);
        }
        Self(rows)
    }

    pub(super) fn of_deliveries(deliveries: &[Delivery]) -> Self {
        fn message(delivery: &Delivery) -> Message<'_> {
            Message {
                run: delivery.run.0,
                tenant: Some(delivery.tenant.0),
                kind: delivery.kind,
                body: Some(&delivery.body),
            }
        }
        Self::new(&deliveries.iter().map(message).collect::<Vec<_>>())
    }

    /// Delivers to those that live; `shared` is the body of messages that have none. Answers whom to ring.
    pub(super) async fn post(&self, tx: &mut Tx, shared: Option<&[u8]>) -> Result<Vec<Ready>, StoreError> {
        if self.0.is_empty() {
            return Ok(vec![]);
        }
        let woken = tx.all(over(WAKE, &self.0)).await?;
        let now = tx.now;
        tx.execute(over(INSERT, &self.0).bind(now.0).bind(shared)).await?;
        let mut ring = Vec::with_capacity(woken.len());
        for row in woken {
            if get(&row, 3)? {
                ring.push(Ready {
                    run: RunId(get(&row, 0)?),
                    epoch: get(&row, 1)?,
                    priority: get(&row, 2)?,
                });
            }
        }
        Ok(ring)
    }

    /// What became of each message, in order.
    pub(super) async fn fates(&self, tx: &mut Tx) -> Result<Vec<DeliveryFate>, StoreError> {
        let mut fates = vec![DeliveryFate::NotLive; self.0.count()];
        for row in tx.all(over(FATES, &self.0)).await? {
            let position: usize = int(get::<i64, _>(&row, 0)?)?;
            if let Some(fate) = fates.get_mut(position) {
                *fate = DeliveryFate::Delivered { hint: get(&row, 1)? };
            }
        }
        Ok(fates)
    }
}

/// An inbox row from the columns `n, kind, body, at`, which begin at `first`.
pub(super) fn inbox_row(row: &SqliteRow, first: usize) -> Result<InboxRow, StoreError> {
    let kind: i16 = get(row, first + 1)?;
    Ok(InboxRow {
        n: get(row, first)?,
        kind: InboxKind::from_i16(kind)
            .ok_or_else(|| StoreError::Corrupt(format!("an inbox row of kind {kind}")))?,
        body: get(row, first + 2)?,
        at: Timestamp(get(row, first + 3)?),
    })
}
