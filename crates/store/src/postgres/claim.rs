//! Taking runs: by id and epoch, whole (P6).

use std::collections::HashMap;

use levqor_trace::TraceContext;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{error::store_error, line::Line, rows};
use crate::{
    ClaimRequest, ClaimedRun, InboxRow, KeyId, RunId, StoreError, TenantId, Timestamp, WorkerId, WorkflowId,
};

/// P1: by id, no join. A repeat with the same token wins again and changes nothing it does not hold.
const CLAIM: &str = "
UPDATE live SET
    state = 1,
    epoch = CASE WHEN state = 0 THEN epoch + 1 ELSE epoch END,
    token = ($3::uuid[])[array_position($1, id)],
    worker = $4,
    started_at = COALESCE(started_at, now_us())
WHERE id = ANY ($1::uuid[])
  AND (SELECT (state = 0 AND ready AND epoch = ($2::int4[])[p])
           OR (state = 1 AND epoch = ($2::int4[])[p] + 1 AND token = ($3::uuid[])[p])
       FROM (SELECT array_position($1, id) AS p OFFSET 0) AS found)
RETURNING id, tenant_id, workflow_id, epoch, seq, deaths, priority, input, history, callback_url, created_at,
          now_us(), inbox, key_id, trace";

/// P6: read after the claim is committed, so that all it counted is there. Journal rows have kind 0.
const PAST: &str = "
SELECT run_id, seq, 0::int2, body, 0::int8 FROM journal WHERE run_id = ANY ($1::uuid[])
UNION ALL
SELECT run_id, n, kind, body, at FROM inbox WHERE run_id = ANY ($2::uuid[])
ORDER BY 1, 2";

/// A claimed run with the counters its rows must come up to.
struct Won {
    run: ClaimedRun,
    inbox: i32,
}

impl Won {
    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let run = ClaimedRun {
            id: RunId(row.try_get(0)?),
            tenant: TenantId(row.try_get(1)?),
            workflow: WorkflowId(row.try_get(2)?),
            key: row.try_get::<Option<Uuid>, _>(13)?.map(KeyId),
            trace: row
                .try_get::<Option<&[u8]>, _>(14)?
                .and_then(TraceContext::from_bytes),
            epoch: row.try_get(3)?,
            seq: row.try_get(4)?,
            deaths: row.try_get(5)?,
            priority: row.try_get(6)?,
            input: row.try_get(7)?,
            history: row.try_get(8)?,
            callback_url: row.try_get(9)?,
            created_at: Timestamp(row.try_get(10)?),
            now: Timestamp(row.try_get(11)?),
            journal: Vec::new(),
            inbox: Vec::new(),
        };
        Ok(Self {
            run,
            inbox: row.try_get(12)?,
        })
    }

    /// Whether journal and inbox are whole. The inbox may have grown since the claim; parking compares with its
    /// last row, not with the counter.
    fn is_whole(&self) -> bool {
        let numbers = |n: i32| usize::try_from(n).unwrap_or(usize::MAX);
        let gapless = |rows: &[InboxRow]| rows.iter().zip(1..).all(|(row, n)| row.n == n);
        self.run.journal.len() == numbers(self.run.seq)
            && self.run.inbox.len() >= numbers(self.inbox)
            && gapless(&self.run.inbox)
    }
}

pub(super) async fn claim(
    line: &Line,
    worker: WorkerId,
    wanted: &[ClaimRequest],
) -> Result<Vec<ClaimedRun>, StoreError> {
    let ids: Vec<_> = wanted.iter().map(|request| request.run.0).collect();
    let epochs: Vec<_> = wanted.iter().map(|request| request.epoch).collect();
    let tokens: Vec<_> = wanted.iter().map(|request| request.token).collect();
    let query = sqlx::query(CLAIM)
        .bind(ids)
        .bind(epochs)
        .bind(tokens)
        .bind(worker.0);
    let rows = query.fetch_all(line).await.map_err(store_error)?;
    let mut won: Vec<_> = rows
        .iter()
        .map(Won::read)
        .collect::<Result<_, _>>()
        .map_err(store_error)?;
    read_past(line, &mut won).await?;
    Ok(won.into_iter().filter_map(only_whole).collect())
}

/// Reads journal and inbox of those that have any.
async fn read_past(line: &Line, won: &mut [Won]) -> Result<(), StoreError> {
    let journals: Vec<_> = won
        .iter()
        .filter(|won| won.run.seq > 0)
        .map(|won| won.run.id.0)
        .collect();
    let inboxes: Vec<_> = won
        .iter()
        .filter(|won| won.inbox > 0)
        .map(|won| won.run.id.0)
        .collect();
    if journals.is_empty() && inboxes.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(PAST)
        .bind(journals)
        .bind(inboxes)
        .fetch_all(line)
        .await
        .map_err(store_error)?;
    let mut by_id: HashMap<Uuid, &mut Won> = won.iter_mut().map(|won| (won.run.id.0, won)).collect();
    for row in rows {
        let (id, kind): (Uuid, i16) = (get(&row, 0)?, get(&row, 2)?);
        let Some(won) = by_id.get_mut(&id) else { continue };
        match kind {
            0 => won.run.journal.push(get(&row, 3)?),
            _ => won.run.inbox.push(rows::inbox_row(&row, 1)?),
        }
    }
    Ok(())
}

fn get<'r, T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>>(
    row: &'r PgRow,
    column: usize,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(store_error)
}

/// A run that is not whole was taken from this worker between the two statements, or its rows are lost. It is left
/// out: the worker does not know it and releases it in its next pass over what it owns (P10).
fn only_whole(won: Won) -> Option<ClaimedRun> {
    if won.is_whole() {
        return Some(won.run);
    }
    tracing::error!(run = %won.run.id, epoch = won.run.epoch, seq = won.run.seq, journal = won.run.journal.len(),
        counted = won.inbox, inbox = won.run.inbox.len(), "a claimed run is not whole");
    None
}
