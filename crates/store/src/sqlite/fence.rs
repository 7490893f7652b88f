//! What append, park and end have in common: who wins the fence, and what becomes of those that do not (P3, P15).
//!
//! A fenced write is a batch of rows that all begin `run, epoch, seq, inbox` (a null inbox is not compared). The
//! first statement reads which of them match their live rows; all later ones are bound to the positions of these
//! winners in the batch, as `?3`. Nothing can come between: only this transaction writes.

use std::collections::{HashMap, HashSet};

use sqlx::SqlSafeStr;
use uuid::Uuid;

use super::inbox::inbox_row;
use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use super::{get, int};
use crate::{InboxRow, NewOutbox, StoreError, WriteFate};

/// The condition that a row's position is among the winners, which `?3` lists; all when it is null.
macro_rules! winners {
    ($position:literal) => {
        concat!(
            "(?3 IS NULL OR ",
            $position,
            " IN (SELECT value FROM json_each(?3)))"
        )
    };
}
pub(super) use winners;

/// The rows of a batch and the messages that leave with them.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Rows,
    outbox: Rows,
}

/// Who won, by position.
pub(super) struct Won {
    positions: HashSet<usize>,
    /// `?3`: null when all did.
    pub(super) list: Option<String>,
}

const FENCE: &str = "
SELECT json_group_array(r.key)
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
WHERE l.state = 1 AND l.epoch = r.value ->> 1 AND l.seq = r.value ->> 2
  AND (r.value ->> 3 IS NULL OR l.inbox = r.value ->> 3)";

const OUTBOX: &str = concat!(
    "
INSERT INTO outbox (tenant_id, run_id, epoch, seq, ord, kind, target, body, due, trace)
SELECT l.tenant_id, l.id, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6,
       substr(?2, r.value ->> 7, r.value ->> 8), ?4, l.trace
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 1, 16)
WHERE ",
    winners!("r.value ->> 0")
);

/// An append resets `deaths`.
const JOURNAL: &str = concat!(
    "
UPDATE live SET seq = seq + 1, deaths = 0
WHERE id IN (SELECT substr(?2, r.value ->> 0, 16) FROM jsonb_each(?1) AS r
             WHERE r.value ->> 4 IS NOT NULL AND ",
    winners!("r.key"),
    ");
INSERT INTO journal (run_id, seq, epoch, body)
SELECT substr(?2, r.value ->> 0, 16), (r.value ->> 2) + 1, r.value ->> 1, substr(?2, r.value ->> 4, r.value ->> 5)
FROM jsonb_each(?1) AS r WHERE r.value ->> 4 IS NOT NULL AND ",
    winners!("r.key")
);

/// Equal bytes, written under this epoch.
const JOURNALED: &str = "
SELECT r.key
FROM jsonb_each(?1) AS r CROSS JOIN journal AS j
  ON j.run_id = substr(?2, r.value ->> 0, 16) AND j.seq = (r.value ->> 2) + 1
WHERE j.epoch = r.value ->> 1 AND j.body = substr(?2, r.value ->> 4, r.value ->> 5)";

/// Rows that only the inbox kept from winning, with what they missed.
const MISSED: &str = "
SELECT r.key, i.n, i.kind, i.body, i.at
FROM jsonb_each(?1) AS r
CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 0, 16)
CROSS JOIN inbox AS i ON i.run_id = l.id AND i.n > r.value ->> 3
WHERE l.state = 1 AND l.epoch = r.value ->> 1 AND l.seq = r.value ->> 2
ORDER BY r.key, i.n";

impl Batch {
    /// Adds a row, and the messages that leave with it.
    pub(super) fn push(&mut self, run: Uuid, epoch: i32, seq: i32, rest: &[Cell<'_>], outbox: &[NewOutbox]) {
        let (run, epoch, seq) = (
            || Cell::Id(run),
            || Cell::Int(epoch.into()),
            || Cell::Int(seq.into()),
        );
        for (message, ord) in outbox.iter().zip(0..) {
            let (kind, target) = (
                Cell::Int(message.kind as i64),
                Cell::Text(message.target.as_deref()),
            );
            let (ord, body) = (Cell::Int(ord), Cell::Bytes(Some(&message.body)));
            self.outbox
                .push(&[self.position(), run(), epoch(), seq(), ord, kind, target, body]);
        }
        self.rows.push_all([run(), epoch(), seq()].iter().chain(rest));
    }

    /// Of the row that is pushed next.
    pub(super) fn position(&self) -> Cell<'static> {
        Cell::Int(i64::try_from(self.rows.count()).unwrap_or(i64::MAX))
    }

    /// Who matches the live rows.
    pub(super) async fn fence(&self, tx: &mut Tx) -> Result<Won, StoreError> {
        let row = tx.first(over(FENCE, &self.rows)).await?;
        let list: String = row
            .map(|row| get(&row, 0))
            .transpose()?
            .unwrap_or_else(|| "[]".to_owned());
        let positions: HashSet<usize> = serde_json::from_str(&list)
            .map_err(|error| StoreError::Corrupt(format!("the winners of a batch: {error}")))?;
        let all = positions.len() == self.rows.count();
        Ok(Won {
            positions,
            list: (!all).then_some(list),
        })
    }

    /// Runs a statement over the rows of the winners; `?4` is the time.
    pub(super) async fn execute(
        &self,
        tx: &mut Tx,
        sql: impl SqlSafeStr,
        won: &Won,
    ) -> Result<(), StoreError> {
        let all = over(sql, &self.rows).bind(won.list.clone()).bind(tx.now.0);
        tx.execute(all).await.map(drop)
    }

    /// Journals the rows that have a body.
    pub(super) async fn journal(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        self.execute(tx, JOURNAL, won).await
    }

    /// Whether no messages leave with it.
    pub(super) fn is_silent(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Files the winners' messages; while their live rows are there.
    pub(super) async fn send(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        if self.is_silent() {
            return Ok(());
        }
        let now = tx.now;
        tx.execute(over(OUTBOX, &self.outbox).bind(won.list.clone()).bind(now.0))
            .await
            .map(drop)
    }

    /// Fates so far: the winners are committed, the others fenced.
    pub(super) fn fates(&self, won: &Won) -> Vec<WriteFate> {
        let fate = |position| {
            if won.positions.contains(&position) {
                WriteFate::Committed
            } else {
                WriteFate::Fenced
            }
        };
        (0..self.rows.count()).map(fate).collect()
    }

    /// Turns the fates of losers whose positions `sql` selects into commits made earlier.
    pub(super) async fn repeats(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        fates: &mut [WriteFate],
    ) -> Result<(), StoreError> {
        for row in tx.all(over(sql, &self.rows)).await? {
            let position: usize = int(get::<i64, _>(&row, 0)?)?;
            if let Some(fate @ WriteFate::Fenced) = fates.get_mut(position) {
                *fate = WriteFate::Committed;
            }
        }
        Ok(())
    }

    /// Losers whose row was journaled by an earlier try.
    pub(super) async fn journaled(&self, tx: &mut Tx, fates: &mut [WriteFate]) -> Result<(), StoreError> {
        self.repeats(tx, JOURNALED, fates).await
    }

    /// Gives losers that missed a delivery what they missed (P6, P8).
    pub(super) async fn missed(&self, tx: &mut Tx, fates: &mut [WriteFate]) -> Result<(), StoreError> {
        let mut missed = HashMap::<usize, Vec<InboxRow>>::new();
        for row in tx.all(over(MISSED, &self.rows)).await? {
            missed
                .entry(int(get::<i64, _>(&row, 0)?)?)
                .or_default()
                .push(inbox_row(&row, 1)?);
        }
        for (position, rows) in missed {
            if let Some(fate @ WriteFate::Fenced) = fates.get_mut(position) {
                *fate = WriteFate::InboxMoved(rows);
            }
        }
        Ok(())
    }
}

impl Won {
    pub(super) fn nobody(&self) -> bool {
        self.positions.is_empty()
    }

    pub(super) fn all(&self) -> bool {
        self.list.is_none()
    }
}
