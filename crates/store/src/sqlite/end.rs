//! Ending.

use super::fence::{Batch, Won, winners};
use super::park::delete_of;
use super::rows::Cell;
use super::writer::{Tx, together};
use crate::{End, RunState, StoreError, WriteFate};

const ENDS: &str = concat!(
    "
INSERT INTO ended (id, tenant_id, workflow_id, state, priority, epoch, seq, inbox, created_at, due, started_at,
                   ended_at, callback_url, input, output, error, journal, class)
SELECT l.id, l.tenant_id, l.workflow_id, r.value ->> 4, l.priority, l.epoch, l.seq, l.inbox, l.created_at, l.due,
       l.started_at, ?4, l.callback_url, l.input, substr(?2, r.value ->> 5, r.value ->> 6),
       substr(?2, r.value ->> 7, r.value ->> 8), substr(?2, r.value ->> 9, r.value ->> 10),
       r.value ->> 11
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE ",
    winners!("r.key")
);

/// One row for each tenant, version and key.
const USED: &str = concat!(
    "
INSERT INTO usage (at, tenant_id, workflow_id, key_id, completed, faulted, cancelled, worker_us, calls, mails, earned,
                   unvalued)
SELECT ?4, l.tenant_id, l.workflow_id, l.key_id, sum(r.value ->> 4 = 6), sum(r.value ->> 4 = 5),
       sum(r.value ->> 4 = 4), sum(r.value ->> 12), sum(r.value ->> 13), 0,
       coalesce(sum(r.value ->> 14) FILTER (WHERE r.value ->> 4 = 6), 0),
       sum(r.value ->> 4 = 6 AND r.value ->> 14 IS NULL)
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE ",
    winners!("r.key"),
    " GROUP BY l.tenant_id, l.workflow_id, l.key_id"
);

/// One row for each priority. Runs that were cancelled say nothing of how long the others take.
const FLOWED: &str = concat!(
    "
INSERT INTO flow (priority, arrived, ended, service_us, service_square)
SELECT l.priority, 0, count(*), sum(r.value ->> 12),
       sum(((r.value ->> 12) / 1000000.0) * ((r.value ->> 12) / 1000000.0))
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE r.value ->> 4 IN (5, 6) AND ",
    winners!("r.key"),
    " GROUP BY l.priority"
);

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

/// The rows of a batch: run, epoch, seq, inbox, state, output, error, journal, class, microseconds, calls, value.
#[derive(Default)]
pub(super) struct Ends {
    batch: Batch,
    journaled: bool,
    delivered: bool,
    /// Whether any run may have been armed: it was claimed before, or a start timer woke it.
    armed: bool,
}

impl Ends {
    pub(super) fn new(ends: &[End]) -> Self {
        let mut all = Self::default();
        for end in ends {
            all.push(end);
        }
        all
    }

    fn push(&mut self, end: &End) {
        self.journaled |= end.seq > 0;
        self.delivered |= end.inbox > 0;
        self.armed |= end.epoch > 1 || end.inbox > 0;
        let rest = [
            Cell::Int(end.inbox.into()),
            Cell::Int(RunState::from(end.state).code().into()),
            Cell::Bytes(end.output.as_deref()),
            Cell::Bytes(end.error.as_deref()),
            Cell::Bytes(Some(&end.journal)),
            Cell::Text(Some(end.class.as_str())),
            Cell::Int(end.usage.worker_us),
            Cell::Int(end.usage.calls.into()),
            Cell::MaybeInt(end.usage.value),
        ];
        self.batch.push(end.run.0, end.epoch, end.seq, &rest, &end.outbox);
    }

    pub(super) async fn end(&self, tx: &mut Tx) -> Result<Vec<WriteFate>, StoreError> {
        let batch = &self.batch;
        let won = batch.fence(tx).await?;
        if !won.nobody() {
            self.bury(tx, &won).await?;
        }
        let mut fates = batch.fates(&won);
        if !won.all() {
            batch.missed(tx, &mut fates).await?;
            batch.repeats(tx, ENDED, &mut fates).await?;
        }
        Ok(fates)
    }

    async fn bury(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        let batch = &self.batch;
        let leavings = [
            (true, LIVE),
            (self.journaled, delete_of!("journal")),
            (self.delivered, delete_of!("inbox")),
            (self.armed, delete_of!("timers")),
            (self.armed, delete_of!("subscriptions")),
        ];
        let leavings = leavings.into_iter().filter(|(any, _)| *any).map(|(_, sql)| sql);
        let ends = [ENDS, USED, FLOWED];
        if batch.is_silent() {
            let all = together(ends.into_iter().chain(leavings));
            return batch.execute(tx, all, won).await;
        }
        batch.execute(tx, together(ends), won).await?;
        batch.send(tx, won).await?;
        batch.execute(tx, together(leavings), won).await
    }
}
