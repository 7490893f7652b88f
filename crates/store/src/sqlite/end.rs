//! Ending.

use super::fence::{Batch, winners};
use super::park::disarm;
use super::rows::Cell;
use super::writer::{Tx, over};
use super::get;
use crate::{End, RunState, StoreError, WriteFate};

const FENCE: &str = "
INSERT INTO ended (id, tenant_id, workflow_id, state, priority, epoch, seq, inbox, created_at, due, started_at,
                   ended_at, callback_url, input, output, error, journal)
SELECT l.id, l.tenant_id, l.workflow_id, r.value ->> 4, l.priority, l.epoch, l.seq, l.inbox, l.created_at, l.due,
       l.started_at, ?3, l.callback_url, l.input, substr(?2, r.value ->> 5, r.value ->> 6),
       substr(?2, r.value ->> 7, r.value ->> 8), substr(?2, r.value ->> 9, r.value ->> 10)
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE l.state = 1 AND l.epoch = r.value ->> 1 AND l.seq = r.value ->> 2 AND l.inbox = r.value ->> 3
RETURNING id, seq > 0, inbox > 0, epoch > 1 OR due IS NOT NULL";

const LIVE: &str = concat!(
    "DELETE FROM live WHERE id IN (SELECT substr(?2, r.value ->> 0, 16) FROM jsonb_each(?1) AS r WHERE ",
    winners!("r.key"),
    ")"
);

/// The same end, written by an earlier try.
const ENDED: &str = "
SELECT r.key
FROM jsonb_each(?1) AS r CROSS JOIN ended AS e ON e.id = substr(?2, r.value ->> 0, 16)
WHERE e.epoch = r.value ->> 1 AND e.state = r.value ->> 4
  AND e.output IS substr(?2, r.value ->> 5, r.value ->> 6) AND e.error IS substr(?2, r.value ->> 7, r.value ->> 8)
  AND e.journal = substr(?2, r.value ->> 9, r.value ->> 10)";

/// The rows of a batch: run, epoch, seq, inbox, state, output, error, journal.
pub(super) fn batch(ends: &[End]) -> Batch {
    let mut batch = Batch::new();
    for end in ends {
        let cells = [
            Cell::Id(end.run.0),
            Cell::Int(end.epoch.into()),
            Cell::Int(end.seq.into()),
            Cell::Int(end.inbox.into()),
            Cell::Int(RunState::from(end.state).code().into()),
            Cell::Bytes(end.output.as_deref()),
            Cell::Bytes(end.error.as_deref()),
            Cell::Bytes(Some(&end.journal)),
        ];
        batch.push(end.run.0, end.epoch, end.seq, &cells, &end.outbox);
    }
    batch
}

pub(super) async fn end(tx: &mut Tx, batch: &Batch) -> Result<Vec<WriteFate>, StoreError> {
    let now = tx.now;
    let returned = tx.all(over(FENCE, &batch.rows).bind(now.0)).await?;
    let won = batch.won(&returned)?;
    if !won.nobody() {
        batch.send(tx, &won).await?;
        batch.execute(tx, LIVE, &won).await?;
    }
    // Most runs have nothing of these; the returned columns say whether any has.
    let leavings: [(usize, &[&'static str]); 3] =
        [(1, &[disarm!("journal")]), (2, &[disarm!("inbox")]), (3, &[disarm!("timers"), disarm!("subscriptions")])];
    for (column, deletes) in leavings {
        let mut any = false;
        for row in &returned {
            any |= get::<bool, _>(row, column)?;
        }
        for delete in deletes.iter().filter(|_| any) {
            batch.execute(tx, delete, &won).await?;
        }
    }
    let mut fates = batch.fates(&won);
    if !won.all() {
        batch.missed(tx, &mut fates).await?;
        batch.repeats(tx, ENDED, &mut fates).await?;
    }
    Ok(fates)
}
