//! How rows travel: one array per column, so that a statement's text and plan are the same for every batch.

use sqlx::{
    Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::QueryScalar,
};
use uuid::Uuid;

use super::error::store_error;
use crate::{InboxKind, InboxRow, NewOutbox, Ready, RunId, StoreError, Timestamp};

/// Which elements of flat arrays belong to which run: those from `first` to `last`, counted from 1.
/// Only runs that have any are named.
#[derive(Default)]
pub(super) struct Spread {
    pub(super) runs: Vec<Uuid>,
    pub(super) first: Vec<i32>,
    pub(super) last: Vec<i32>,
    end: i32,
}

impl Spread {
    /// The next `count` elements are this run's.
    pub(super) fn push(&mut self, run: RunId, count: usize) {
        // A batch is far below 2^31 rows (I7).
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        if count > 0 {
            self.runs.push(run.0);
            self.first.push(self.end.saturating_add(1));
            self.last.push(self.end.saturating_add(count));
            self.end = self.end.saturating_add(count);
        }
    }
}

/// Messages that leave with a batch, as `outbox!` takes them.
#[derive(Default)]
pub(super) struct Messages<'a> {
    spread: Spread,
    kinds: Vec<i16>,
    targets: Vec<Option<&'a str>>,
    bodies: Vec<&'a [u8]>,
}

impl<'a> Messages<'a> {
    pub(super) fn push(&mut self, run: RunId, messages: &'a [NewOutbox]) {
        self.spread.push(run, messages.len());
        for message in messages {
            self.kinds.push(message.kind as i16);
            self.targets.push(message.target.as_deref());
            self.bodies.push(&message.body);
        }
    }

    /// Binds them as the next six parameters.
    pub(super) fn bind<O>(self, query: Written<'a, O>) -> Written<'a, O> {
        query
            .bind(self.spread.runs)
            .bind(self.spread.first)
            .bind(self.spread.last)
            .bind(self.kinds)
            .bind(self.targets)
            .bind(self.bodies)
    }
}

/// A statement that answers with one column.
type Written<'a, O> = QueryScalar<'a, Postgres, O, PgArguments>;

/// The common table expression that inserts the messages of a batch: derived from `w`, the live rows that the
/// statement changed (P3), and keyed by their origin. Its six parameters are those of [`Messages`].
macro_rules! outbox {
    ($runs:literal, $first:literal, $last:literal, $kinds:literal, $targets:literal, $bodies:literal) => {
        concat!(
            "sent AS (
    INSERT INTO outbox (tenant_id, run_id, epoch, seq, ord, kind, target, body, due, trace)
    SELECT w.tenant_id, w.id, w.epoch, w.origin, g - (",
            $first,
            "::int4[])[p],
           (",
            $kinds,
            "::int2[])[g], (",
            $targets,
            "::text[])[g], (",
            $bodies,
            "::bytea[])[g], now_us(), w.trace
    FROM w, array_position(",
            $runs,
            "::uuid[], w.id) AS p,
         generate_series((",
            $first,
            "::int4[])[p], (",
            $last,
            "::int4[])[p]) AS g
    WHERE w.id = ANY (",
            $runs,
            "::uuid[])
)"
        )
    };
}
pub(super) use outbox;

/// Columns `n, kind, body, at` from the given position on.
pub(super) fn inbox_row(row: &PgRow, from: usize) -> Result<InboxRow, StoreError> {
    let kind: i16 = row.try_get(from + 1).map_err(store_error)?;
    Ok(InboxRow {
        n: row.try_get(from).map_err(store_error)?,
        kind: InboxKind::from_i16(kind)
            .ok_or_else(|| StoreError::Corrupt(format!("an inbox row of kind {kind}")))?,
        body: row.try_get(from + 2).map_err(store_error)?,
        at: Timestamp(row.try_get(from + 3).map_err(store_error)?),
    })
}

/// A row `id, epoch, priority` to ring.
pub(super) fn ready((id, epoch, priority): (Uuid, i32, i16)) -> Ready {
    Ready {
        run: RunId(id),
        epoch,
        priority,
    }
}

/// Rows of a statement that starts from the leader's row: none at all when the term is over (P9), else at least
/// one, with nulls when there is nothing to say.
pub(super) fn led<T>(term: i64, rows: Vec<Option<T>>) -> Result<Vec<T>, StoreError> {
    if rows.is_empty() {
        return Err(StoreError::NotLeader(term));
    }
    Ok(rows.into_iter().flatten().collect())
}

/// The common table expression with which the leader's writes begin (P9): the shared lock keeps the term until the
/// commit, so that no write of an old leader follows a new term.
macro_rules! lead {
    () => {
        "lead AS MATERIALIZED (SELECT term FROM leader WHERE term = $1 FOR SHARE)"
    };
}
pub(super) use lead;
