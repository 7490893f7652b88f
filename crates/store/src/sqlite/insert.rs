//! Inserting runs with their keys and start timers: for intake and for ticks.

use levqor_trace::TraceContext;
use uuid::Uuid;

use super::rows::{Cell, Rows};
use super::writer::{Tx, over, together};
use super::{get, int};
use crate::{IntakeFate, NewRun, RunId, StoreError, Timestamp};

/// First of equal keys wins: rows are inserted in the order of the batch.
const KEYS: &str = "
INSERT INTO idempotency (tenant_id, key, run_id, request_hash, expires_at)
SELECT substr(?2, r.value ->> 1, 16), r.value ->> 8, substr(?2, r.value ->> 0, 16),
       substr(?2, r.value ->> 9, r.value ->> 10), ?3 + (r.value ->> 11)
FROM jsonb_each(?1) AS r
WHERE r.value ->> 8 IS NOT NULL
ON CONFLICT DO NOTHING";

/// A batch of intake, known by its token.
const BATCH: &str = "INSERT INTO batches (token, at) VALUES (?5, ?3) ON CONFLICT DO NOTHING";

/// When it was inserted first.
const FIRST: &str = "SELECT at FROM batches WHERE token = ?5";

/// Runs without a key, and those their key stands for; of a batch with a token (`?5`) only after it was seen to be new.
macro_rules! won {
    () => {
        "(?5 IS NULL OR changes() > 0) AND (r.value ->> 8 IS NULL OR EXISTS (
            SELECT 1 FROM idempotency AS i
            WHERE i.tenant_id = substr(?2, r.value ->> 1, 16) AND i.key = r.value ->> 8
              AND i.run_id = substr(?2, r.value ->> 0, 16)))"
    };
}

const RUNS: &str = concat!(
    "
INSERT INTO live (id, tenant_id, workflow_id, priority, due, ready, created_at, input, callback_url, key_id, trace)
SELECT substr(?2, r.value ->> 0, 16), substr(?2, r.value ->> 1, 16), substr(?2, r.value ->> 2, 16),
       r.value ->> 3, r.value ->> 4, r.value ->> 4 IS NULL OR r.value ->> 4 <= ?3, ?3,
       substr(?2, r.value ->> 5, r.value ->> 6), r.value ->> 7, substr(?2, r.value ->> 12, r.value ->> 13),
       substr(?2, r.value ->> 14, r.value ->> 15)
FROM jsonb_each(?1) AS r WHERE ",
    won!()
);

const START_TIMERS: &str = concat!(
    "
INSERT INTO timers (run_id, epoch, seq, ord, due, body)
SELECT substr(?2, r.value ->> 0, 16), 0, 0, 0, r.value ->> 4, ?4
FROM jsonb_each(?1) AS r WHERE r.value ->> 4 > ?3 AND ",
    won!()
);

/// What is not ready at once is foreseen: its start timer says when.
const ARRIVED: &str = concat!(
    "
INSERT INTO flow (priority, arrived, ended, service_us, service_square)
SELECT r.value ->> 3, count(*), 0, 0, 0
FROM jsonb_each(?1) AS r WHERE (r.value ->> 4 IS NULL OR r.value ->> 4 <= ?3) AND ",
    won!(),
    " GROUP BY r.value ->> 3"
);

const HOLDERS: &str = "
SELECT r.key, i.run_id, i.request_hash
FROM jsonb_each(?1) AS r CROSS JOIN idempotency AS i
  ON i.tenant_id = substr(?2, r.value ->> 1, 16) AND i.key = r.value ->> 8
WHERE r.value ->> 8 IS NOT NULL";

/// What a start timer puts into the inbox.
const START: &[u8] = br#"{"start":true}"#;

/// Runs to insert, as parameters, and what is needed to tell their fates.
pub(super) struct NewRuns {
    rows: Rows,
    facts: Vec<Facts>,
}

struct Facts {
    run: RunId,
    run_at: Option<Timestamp>,
    request_hash: Option<[u8; 32]>,
}

impl NewRuns {
    pub(super) fn new(runs: &[NewRun]) -> Self {
        let mut rows = Rows::default();
        for run in runs {
            let key = run.idempotency.as_ref();
            let trace = run.trace.map(TraceContext::to_bytes);
            rows.push(&[
                Cell::Id(run.id.0),
                Cell::Id(run.tenant.0),
                Cell::Id(run.workflow.0),
                Cell::Int(run.priority.into()),
                Cell::MaybeInt(run.run_at.map(|at| at.0)),
                Cell::Bytes(Some(&run.input)),
                Cell::Text(run.callback_url.as_deref()),
                Cell::Text(key.map(|key| key.key.as_str())),
                Cell::Bytes(key.map(|key| key.request_hash.as_slice())),
                Cell::MaybeInt(key.map(|key| i64::try_from(key.keep.as_micros()).unwrap_or(i64::MAX / 2))),
                Cell::Bytes(run.key.as_ref().map(|key| key.0.as_bytes().as_slice())),
                Cell::Bytes(trace.as_ref().map(<[u8; 25]>::as_slice)),
            ]);
        }
        let facts = runs.iter().map(|run| Facts {
            run: run.id,
            run_at: run.run_at,
            request_hash: run.idempotency.as_ref().map(|key| key.request_hash),
        });
        Self {
            rows,
            facts: facts.collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.count()
    }

    pub(super) fn keyed(&self) -> bool {
        self.facts.iter().any(|run| run.request_hash.is_some())
    }

    /// Inserts them; those of the intake are counted by priority, ticks are foreseen.
    pub(super) async fn insert(&self, tx: &mut Tx, counted: bool) -> Result<(), StoreError> {
        let now = tx.now;
        let all = over(together(self.statements(now, counted)), &self.rows);
        tx.execute(all.bind(now.0).bind(START)).await.map(drop)
    }

    /// Inserts the batch with this token, counted, unless it was inserted before (P2); when it was first. None of its runs
    /// may have a key: that each statement inserts something tells the next one that the token is new.
    pub(super) async fn insert_keyless(&self, tx: &mut Tx, token: Uuid) -> Result<Timestamp, StoreError> {
        let now = tx.now;
        let statements = [BATCH].into_iter().chain(self.statements(now, true));
        let all = over(together(statements.chain([FIRST])), &self.rows);
        let row = tx.first(all.bind(now.0).bind(START).bind(token)).await?;
        row.map_or(Ok(now), |row| get(&row, 0).map(Timestamp))
    }

    fn statements(&self, now: Timestamp, counted: bool) -> impl Iterator<Item = &'static str> {
        let later = self.facts.iter().any(|run| run.run_at > Some(now));
        let statements = [
            (self.keyed(), KEYS),
            (true, RUNS),
            (later, START_TIMERS),
            (counted, ARRIVED),
        ];
        statements
            .into_iter()
            .filter(|(needed, _)| *needed)
            .map(|(_, sql)| sql)
    }

    /// The fates of a batch inserted at `at`, in its order; the same whenever it is asked.
    pub(super) async fn fates(&self, tx: &mut Tx, at: Timestamp) -> Result<Vec<IntakeFate>, StoreError> {
        let accepted = |run: &Facts| IntakeFate::Accepted {
            ready: run.run_at.is_none_or(|due| due <= at),
        };
        let mut fates: Vec<_> = self.facts.iter().map(accepted).collect();
        if !self.keyed() {
            return Ok(fates);
        }
        for row in tx.all(over(HOLDERS, &self.rows)).await? {
            let position: usize = int(get::<i64, _>(&row, 0)?)?;
            let (run, hash) = (RunId(get(&row, 1)?), get::<&[u8], _>(&row, 2)?);
            if let (Some(facts), Some(fate)) = (self.facts.get(position), fates.get_mut(position))
                && facts.run != run
            {
                let same = facts.request_hash.is_some_and(|own| own == hash);
                *fate = if same {
                    IntakeFate::Existing { run }
                } else {
                    IntakeFate::KeyConflict { run }
                };
            }
        }
        Ok(fates)
    }
}
