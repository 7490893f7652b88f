//! What append, park and end have in common: who won the fence, and what becomes of those that did not (P3).
//!
//! A fenced write is a batch of rows that all begin `run, epoch, seq, inbox`. The first statement changes the live
//! rows that match and names the winners; all later ones are bound to the winners' positions in the batch, as `?3`.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::inbox::inbox_row;
use super::rows::{Cell, Rows};
use super::writer::{Tx, over};
use super::{get, int};
use crate::{InboxRow, NewOutbox, StoreError, WriteFate};

/// The condition that a row's position is among the winners, which `?3` lists; all when it is null.
macro_rules! winners {
    ($position:literal) => {
        concat!("(?3 IS NULL OR ", $position, " IN (SELECT value FROM json_each(?3)))")
    };
}
pub(super) use winners;

/// Runs of a batch in order, with the rows they are written from.
pub(super) struct Batch {
    pub(super) runs: Vec<Uuid>,
    pub(super) rows: Rows,
    outbox: Rows,
}

/// Who won, by position.
pub(super) struct Won {
    positions: HashSet<usize>,
    /// `?3`.
    list: Option<String>,
}

const OUTBOX: &str = concat!(
    "
INSERT INTO outbox (tenant_id, run_id, epoch, seq, ord, kind, target, body, due)
SELECT l.tenant_id, l.id, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6,
       substr(?2, r.value ->> 7, r.value ->> 8), ?4
FROM jsonb_each(?1) AS r CROSS JOIN live AS l ON l.id = substr(?2, r.value ->> 1, 16)
WHERE ",
    winners!("r.value ->> 0")
);

const JOURNAL: &str = concat!(
    "
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
    pub(super) fn new() -> Self {
        Self { runs: vec![], rows: Rows::default(), outbox: Rows::default() }
    }

    /// Adds a row whose first cell is the run's id, and the messages that leave with it.
    pub(super) fn push(&mut self, run: Uuid, epoch: i32, seq: i32, cells: &[Cell<'_>], outbox: &[NewOutbox]) {
        for (message, ord) in outbox.iter().zip(0..) {
            self.outbox.push(&[
                self.position(),
                Cell::Id(run),
                Cell::Int(epoch.into()),
                Cell::Int(seq.into()),
                Cell::Int(ord),
                Cell::Int(message.kind as i64),
                Cell::Text(message.target.as_deref()),
                Cell::Bytes(Some(&message.body)),
            ]);
        }
        self.runs.push(run);
        self.rows.push(cells);
    }

    /// Of the row that is pushed next.
    pub(super) fn position(&self) -> Cell<'static> {
        Cell::Int(i64::try_from(self.runs.len()).unwrap_or(i64::MAX))
    }

    /// The winners, from the first column of the rows that the fencing statement returned.
    pub(super) fn won(&self, returned: &[sqlx::sqlite::SqliteRow]) -> Result<Won, StoreError> {
        if returned.len() == self.runs.len() {
            return Ok(Won { positions: (0..self.runs.len()).collect(), list: None });
        }
        let places: HashMap<_, _> = self.runs.iter().zip(0..).collect();
        let mut positions = HashSet::new();
        for row in returned {
            positions.extend(places.get(&get::<Uuid, _>(row, 0)?));
        }
        let list = positions.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        Ok(Won { positions, list: Some(format!("[{list}]")) })
    }

    /// Runs a statement over the rows of the winners.
    pub(super) async fn execute(&self, tx: &mut Tx, sql: &'static str, won: &Won) -> Result<(), StoreError> {
        tx.execute(over(sql, &self.rows).bind(won.list())).await.map(drop)
    }

    /// Journals the rows that have a body.
    pub(super) async fn journal(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        self.execute(tx, JOURNAL, won).await
    }

    /// Files the winners' messages; while their live rows are there.
    pub(super) async fn send(&self, tx: &mut Tx, won: &Won) -> Result<(), StoreError> {
        if self.outbox.is_empty() {
            return Ok(());
        }
        let now = tx.now;
        tx.execute(over(OUTBOX, &self.outbox).bind(won.list()).bind(now.0)).await.map(drop)
    }

    /// Fates so far: the winners are committed, the others fenced.
    pub(super) fn fates(&self, won: &Won) -> Vec<WriteFate> {
        let fate = |position| match won.positions.contains(&position) {
            true => WriteFate::Committed,
            false => WriteFate::Fenced,
        };
        (0..self.runs.len()).map(fate).collect()
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
            missed.entry(int(get::<i64, _>(&row, 0)?)?).or_default().push(inbox_row(&row, 1)?);
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
    pub(super) fn list(&self) -> Option<String> {
        self.list.clone()
    }

    pub(super) fn nobody(&self) -> bool {
        self.positions.is_empty()
    }

    pub(super) fn all(&self) -> bool {
        self.list.is_none()
    }
}
