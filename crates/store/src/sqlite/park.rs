//! Parking.

use super::fence::{Batch, winners};
use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use crate::{Park, StoreError, WriteFate};

const FENCE: &str = "
UPDATE live SET state = 2, ready = 0, parked = live.epoch, worker = NULL, token = NULL,
    seq = live.seq + (r.value ->> 4 IS NOT NULL),
    deaths = CASE WHEN r.value ->> 4 IS NULL THEN live.deaths ELSE 0 END
FROM jsonb_each(?1) AS r
WHERE live.id = substr(?2, r.value ->> 0, 16)
  AND live.state = 1 AND live.epoch = r.value ->> 1 AND live.seq = r.value ->> 2
  AND live.inbox = r.value ->> 3
RETURNING id";

/// A later park replaces what an earlier one armed.
macro_rules! disarm {
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
pub(super) use disarm;

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
pub(super) struct Parks {
    batch: Batch,
    timers: Rows,
    subscriptions: Rows,
}

impl Parks {
    pub(super) fn new(parks: &[Park]) -> Self {
        let mut all = Self { batch: Batch::new(), timers: Rows::default(), subscriptions: Rows::default() };
        parks.iter().for_each(|park| all.push(park));
        all
    }

    fn push(&mut self, park: &Park) {
        let run = || Cell::Id(park.run.0);
        let (epoch, seq) = (|| Cell::Int(park.epoch.into()), || Cell::Int(park.seq.into()));
        for (timer, ord) in park.timers.iter().zip(0..) {
            let position = self.batch.position();
            let (ord, due, body) = (Cell::Int(ord), Cell::Int(timer.due.0), Cell::Bytes(Some(&timer.body)));
            self.timers.push(&[position, run(), epoch(), seq(), ord, due, body]);
        }
        for (subscription, ord) in park.subscriptions.iter().zip(0..) {
            let (position, ord) = (self.batch.position(), Cell::Int(ord));
            let event_type = Cell::Text(subscription.event_type.as_deref());
            let source = Cell::Text(subscription.source.as_deref());
            self.subscriptions.push(&[position, run(), epoch(), seq(), ord, event_type, source]);
        }
        let cells = [run(), epoch(), seq(), Cell::Int(park.inbox.into()), Cell::Bytes(park.body.as_deref())];
        self.batch.push(park.run.0, park.epoch, park.seq, &cells, &park.outbox);
    }

    pub(super) async fn park(&self, tx: &mut Tx) -> Result<Vec<WriteFate>, StoreError> {
        let batch = &self.batch;
        let won = batch.won(&tx.all(over(FENCE, &batch.rows)).await?)?;
        if !won.nobody() {
            batch.journal(tx, &won).await?;
            batch.send(tx, &won).await?;
            batch.execute(tx, disarm!("timers"), &won).await?;
            batch.execute(tx, disarm!("subscriptions"), &won).await?;
        }
        for (sql, rows) in [(TIMERS, &self.timers), (SUBSCRIPTIONS, &self.subscriptions)] {
            if !won.nobody() && !rows.is_empty() {
                tx.execute(over(sql, rows).bind(won.list())).await?;
            }
        }
        let mut fates = batch.fates(&won);
        if !won.all() {
            batch.missed(tx, &mut fates).await?;
            batch.journaled(tx, &mut fates).await?;
            batch.repeats(tx, PARKED, &mut fates).await?;
        }
        Ok(fates)
    }
}
