//! Parking.

use super::fence::{Batch, Won, winners};
use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use crate::{Park, StoreError, WriteFate};

const WAIT: &str = concat!(
    "
UPDATE live SET state = 2, ready = 0, parked = epoch, worker = NULL, token = NULL
WHERE id IN (SELECT substr(?2, r.value ->> 0, 16) FROM jsonb_each(?1) AS r WHERE ",
    winners!("r.key"),
    ")"
);

/// What a table holds of the winners; a later park replaces what an earlier one armed.
macro_rules! delete_of {
    ($table:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE run_id IN (SELECT substr(?2, r.value ->> 0, 16) FROM jsonb_each(?1) AS r WHERE ",
            winners!("r.key"),
            ")"
        )
    };
}
pub(super) use delete_of;

const TIMERS: &str = concat!(
    "
INSERT INTO timers (run_id, epoch, seq, ord, due, body)
SELECT substr(?2, r.value ->> 1, 16), r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5,
       substr(?2, r.value ->> 6, r.value ->> 7)
FROM jsonb_each(?1) AS r WHERE ",
    winners!("r.value ->> 0")
);

const SUBSCRIPTIONS: &str = concat!(
    "
INSERT INTO subscriptions (run_id, epoch, seq, ord, tenant_id, event_type, source)
SELECT l.id, r.value ->> 2, r.value ->> 3, r.value ->> 4, l.tenant_id, r.value ->> 5, r.value ->> 6
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 1, 16)
WHERE ",
    winners!("r.value ->> 0")
);

/// A park without entries is known by the epoch of the run's last park.
const PARKED: &str = "
SELECT r.key
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE r.value ->> 4 IS NULL AND l.parked = r.value ->> 1";

/// The rows of a batch: run, epoch, seq, inbox, body; and what is armed.
#[derive(Default)]
pub(super) struct Parks {
    batch: Batch,
    timers: Rows,
    subscriptions: Rows,
    journaling: bool,
    /// Whether any run may have been armed before: it was claimed before, or a start timer woke it.
    again: bool,
}

impl Parks {
    pub(super) fn new(parks: &[Park]) -> Self {
        let mut all = Self::default();
        for park in parks {
            all.push(park);
        }
        all
    }

    fn push(&mut self, park: &Park) {
        self.arm(park);
        self.journaling |= park.body.is_some();
        self.again |= park.epoch > 1 || park.inbox > 0;
        let rest = [Cell::Int(park.inbox.into()), Cell::Bytes(park.body.as_deref())];
        self.batch
            .push(park.run.0, park.epoch, park.seq, &rest, &park.outbox);
    }

    fn arm(&mut self, park: &Park) {
        let origin = || {
            [
                Cell::Id(park.run.0),
                Cell::Int(park.epoch.into()),
                Cell::Int(park.seq.into()),
            ]
        };
        for (timer, ord) in park.timers.iter().zip(0..) {
            let position = [self.batch.position()];
            let rest = [
                Cell::Int(ord),
                Cell::Int(timer.due.0),
                Cell::Bytes(Some(&timer.body)),
            ];
            self.timers
                .push_all(position.iter().chain(&origin()).chain(&rest));
        }
        for (subscription, ord) in park.subscriptions.iter().zip(0..) {
            let position = [self.batch.position()];
            let (event_type, source) = (subscription.event_type.as_deref(), subscription.source.as_deref());
            let rest = [Cell::Int(ord), Cell::Text(event_type), Cell::Text(source)];
            self.subscriptions
                .push_all(position.iter().chain(&origin()).chain(&rest));
        }
    }

    pub(super) async fn park(&self, tx: &mut Tx) -> Result<Vec<WriteFate>, StoreError> {
        let batch = &self.batch;
        let won = batch.fence(tx).await?;
        if !won.nobody() {
            self.wait(tx, &won).await?;
        }
        let mut fates = batch.fates(&won);
        if !won.all() {
            batch.missed(tx, &mut fates).await?;
            batch.journaled(tx, &mut fates).await?;
            batch.repeats(tx, PARKED, &mut fates).await?;
        }
        Ok(fates)
    }

    async fn wait(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        let batch = &self.batch;
        batch.execute(tx, WAIT, won).await?;
        if self.journaling {
            batch.journal(tx, won).await?;
        }
        batch.send(tx, won).await?;
        if self.again {
            batch.execute(tx, delete_of!("timers"), won).await?;
            batch.execute(tx, delete_of!("subscriptions"), won).await?;
        }
        for (sql, rows) in [(TIMERS, &self.timers), (SUBSCRIPTIONS, &self.subscriptions)] {
            if !rows.is_empty() {
                tx.execute(over(sql, rows).bind(won.list.clone())).await?;
            }
        }
        Ok(())
    }
}
