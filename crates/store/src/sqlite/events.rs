//! Matching events against subscriptions, a bounded number of runs at a time.

use uuid::Uuid;

use super::get;
use super::inbox::{Message, Messages};
use super::writer::Tx;
use crate::{InboxKind, Ingested, NewEvent, Ready, StoreError};

/// Runs that one transaction delivers an event to.
pub(super) const BOUND: usize = 1_000;
/// Events that one transaction goes on with.
const EVENTS: i64 = 4;

const STORE: &str = "
INSERT INTO events (tenant_id, source, event_id, event_type, body, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING
RETURNING id";

/// A subscription stays until its run parks anew or ends, so that an event that comes while a worker holds the run
/// is not lost. Each arm reads one range of the index in order of runs.
const MATCH: &str = "
SELECT run_id FROM subscriptions
WHERE tenant_id = ?1 AND event_type = ?2 AND (source IS NULL OR source = ?3) AND run_id > ?4
UNION
SELECT run_id FROM subscriptions
WHERE tenant_id = ?1 AND event_type IS NULL AND (source IS NULL OR source = ?3) AND run_id > ?4
ORDER BY run_id LIMIT ?5";

const OPEN: &str = "
SELECT id, tenant_id, source, event_type, body, cursor_run FROM events
WHERE cursor_run IS NOT NULL ORDER BY id LIMIT ?1";

/// A stored event and the last run it was delivered to.
struct Open {
    id: i64,
    tenant: Uuid,
    source: String,
    event_type: String,
    body: Vec<u8>,
    after: Option<Uuid>,
}

/// What one part of an event's matching did.
struct Part {
    matched: usize,
    ring: Vec<Ready>,
    more: bool,
}

pub(super) async fn ingest(tx: &mut Tx, event: &NewEvent) -> Result<Ingested, StoreError> {
    let now = tx.now;
    let insert = sqlx::query(STORE)
        .bind(event.tenant.0)
        .bind(&event.source)
        .bind(&event.event_id)
        .bind(&event.event_type)
        .bind(&event.body)
        .bind(now.0);
    let Some(row) = tx.first(insert).await? else {
        return Ok(Ingested {
            duplicate: true,
            ..Ingested::default()
        });
    };
    let open = Open {
        id: get(&row, 0)?,
        tenant: event.tenant.0,
        source: event.source.clone(),
        event_type: event.event_type.clone(),
        body: event.body.clone(),
        after: None,
    };
    let part = open.deliver(tx).await?;
    Ok(Ingested {
        duplicate: false,
        matched: u32::try_from(part.matched).unwrap_or(u32::MAX),
        hints: part.ring.iter().map(|ready| (ready.run, ready.epoch)).collect(),
        more: part.more,
    })
}

/// Goes on with the events that have runs left.
pub(super) async fn go_on(tx: &mut Tx) -> Result<Vec<Ready>, StoreError> {
    let mut ring = Vec::new();
    for row in tx.all(sqlx::query(OPEN).bind(EVENTS)).await? {
        let open = Open {
            id: get(&row, 0)?,
            tenant: get(&row, 1)?,
            source: get(&row, 2)?,
            event_type: get(&row, 3)?,
            body: get(&row, 4)?,
            after: get(&row, 5)?,
        };
        ring.extend(open.deliver(tx).await?.ring);
    }
    Ok(ring)
}

impl Open {
    /// Delivers to the next runs in order of their ids and remembers the last one, when there are more.
    async fn deliver(&self, tx: &mut Tx) -> Result<Part, StoreError> {
        let select = sqlx::query(MATCH)
            .bind(self.tenant)
            .bind(&self.event_type)
            .bind(&self.source)
            // Every id is greater than no bytes.
            .bind(self.after.map(|run| run.as_bytes().to_vec()).unwrap_or_default())
            .bind(i64::try_from(BOUND).unwrap_or(i64::MAX) + 1);
        let rows = tx.all(select).await?;
        let more = rows.len() > BOUND;
        let runs = rows
            .iter()
            .take(BOUND)
            .map(|row| get(row, 0))
            .collect::<Result<Vec<Uuid>, _>>()?;
        let message = |run: &Uuid| Message {
            run: *run,
            tenant: None,
            kind: InboxKind::Event,
            body: None,
        };
        let messages = Messages::new(&runs.iter().map(message).collect::<Vec<_>>());
        let ring = messages.post(tx, Some(&self.body)).await?;
        let cursor = runs.last().filter(|_| more).copied();
        if cursor != self.after {
            let update = sqlx::query("UPDATE events SET cursor_run = ?2 WHERE id = ?1");
            tx.execute(update.bind(self.id).bind(cursor)).await?;
        }
        Ok(Part {
            matched: runs.len(),
            ring,
            more,
        })
    }
}
