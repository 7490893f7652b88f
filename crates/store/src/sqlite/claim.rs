//! Taking runs.

use std::collections::HashMap;

use levqor_trace::TraceContext;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::get;
use super::inbox::inbox_row;
use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use crate::{
    ClaimRequest, ClaimedRun, InboxRow, KeyId, RunId, StoreError, TenantId, Timestamp, WorkerId, WorkflowId,
};

/// Takes them, then reads what was taken now or by an earlier try with the same token. `ready` stays as it is, so that no
/// index changes.
const TAKE: &str = "
UPDATE live SET state = 1, epoch = live.epoch + 1, worker = ?3, token = substr(?2, r.value ->> 2, 16),
    started_at = coalesce(live.started_at, ?4)
FROM jsonb_each(?1) AS r
WHERE live.id = substr(?2, r.value ->> 0, 16)
  AND live.state = 0 AND live.ready = 1 AND live.epoch = r.value ->> 1;
SELECT l.id, l.tenant_id, l.workflow_id, l.epoch, l.seq, l.deaths, l.priority, l.input, l.history, l.callback_url,
       l.created_at, l.inbox, l.key_id, l.trace
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE l.state = 1 AND l.worker = ?3 AND l.token = substr(?2, r.value ->> 2, 16)
  AND l.epoch = (r.value ->> 1) + 1";

const JOURNAL: &str = "
SELECT j.run_id, j.body
FROM jsonb_each(?1) AS r CROSS JOIN journal AS j ON j.run_id = substr(?2, r.value ->> 0, 16)
ORDER BY j.run_id, j.seq";

const INBOX: &str = "
SELECT i.run_id, i.n, i.kind, i.body, i.at
FROM jsonb_each(?1) AS r CROSS JOIN inbox AS i ON i.run_id = substr(?2, r.value ->> 0, 16)
ORDER BY i.run_id, i.n";

/// Claims as parameters: run, epoch, token.
pub(super) fn rows(wanted: &[ClaimRequest]) -> Rows {
    let mut rows = Rows::default();
    for ClaimRequest { run, epoch, token } in wanted {
        rows.push(&[Cell::Id(run.0), Cell::Int((*epoch).into()), Cell::Id(*token)]);
    }
    rows
}

pub(super) async fn claim(
    tx: &mut Tx,
    worker: WorkerId,
    wanted: &Rows,
) -> Result<Vec<ClaimedRun>, StoreError> {
    let now = tx.now;
    let taken = tx.all(over(TAKE, wanted).bind(worker.0).bind(now.0)).await?;
    let mut runs = taken
        .iter()
        .map(|row| claimed(row, now))
        .collect::<Result<Vec<_>, _>>()?;
    let journaled: Rows = runs
        .iter()
        .filter(|run| run.seq > 0)
        .map(|run| run.id.0)
        .collect();
    let mut journals = journals(tx, &journaled).await?;
    let mut delivered = Rows::default();
    for (row, run) in taken.iter().zip(&runs) {
        if get::<i32, _>(row, 11)? > 0 {
            delivered.push(&[Cell::Id(run.id.0)]);
        }
    }
    let mut inboxes = inboxes(tx, &delivered).await?;
    for run in &mut runs {
        run.journal = journals.remove(&run.id.0).unwrap_or_default();
        run.inbox = inboxes.remove(&run.id.0).unwrap_or_default();
    }
    Ok(runs)
}

fn claimed(row: &SqliteRow, now: Timestamp) -> Result<ClaimedRun, StoreError> {
    Ok(ClaimedRun {
        id: RunId(get(row, 0)?),
        tenant: TenantId(get(row, 1)?),
        workflow: WorkflowId(get(row, 2)?),
        key: get::<Option<Uuid>, _>(row, 12)?.map(KeyId),
        trace: get::<Option<&[u8]>, _>(row, 13)?.and_then(TraceContext::from_bytes),
        epoch: get(row, 3)?,
        seq: get(row, 4)?,
        deaths: get(row, 5)?,
        priority: get(row, 6)?,
        input: get(row, 7)?,
        history: get(row, 8)?,
        journal: vec![],
        inbox: vec![],
        callback_url: get(row, 9)?,
        created_at: Timestamp(get(row, 10)?),
        now,
    })
}

/// Whole, because this transaction is the only one that writes (P6).
async fn journals(tx: &mut Tx, runs: &Rows) -> Result<HashMap<Uuid, Vec<Vec<u8>>>, StoreError> {
    let mut journals = HashMap::<_, Vec<_>>::new();
    if !runs.is_empty() {
        for row in tx.all(over(JOURNAL, runs)).await? {
            journals.entry(get(&row, 0)?).or_default().push(get(&row, 1)?);
        }
    }
    Ok(journals)
}

async fn inboxes(tx: &mut Tx, runs: &Rows) -> Result<HashMap<Uuid, Vec<InboxRow>>, StoreError> {
    let mut inboxes = HashMap::<_, Vec<_>>::new();
    if !runs.is_empty() {
        for row in tx.all(over(INBOX, runs)).await? {
            inboxes
                .entry(get(&row, 0)?)
                .or_default()
                .push(inbox_row(&row, 1)?);
        }
    }
    Ok(inboxes)
}
