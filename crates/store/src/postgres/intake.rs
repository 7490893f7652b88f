//! Accepting runs (P2): token, keys, runs, in one statement.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use levqor_trace::TraceContext;
use uuid::Uuid;

use super::{PostgresStore, deliver, error::store_error, ingest, line::Line};
use crate::{
    Delivery, DeliveryFate, Ingested, IntakeFate, IntakeStore, NewEvent, NewRun, StoreError, Timestamp,
};

/// The columns of new live rows as parameters; `keyed` says that the run depends on its key. `at` is a bigint.
macro_rules! new_runs {
    ($source:literal, $at:literal, $condition:literal, $first:tt) => {
        concat!(
            "fresh AS (
    INSERT INTO live (id, tenant_id, workflow_id, priority, due, callback_url, input, key_id, trace, ready,
                      created_at)
    SELECT r.id, r.tenant_id, r.workflow_id, r.priority, r.due, r.callback_url, r.input, r.key_id, r.trace,
           r.due IS NULL OR r.due <= ",
            $at,
            ", ",
            $at,
            "
    FROM ",
            $source,
            ", unnest",
            $first,
            " AS r (id, tenant_id, workflow_id, priority, due, callback_url, input, keyed, key_id, trace)
    WHERE ",
            $condition,
            "
    RETURNING id, due, ready, priority
)"
        )
    };
}
pub(super) use new_runs;

/// The start timers of new live rows.
macro_rules! start_timers {
    () => {
        ", starts AS (
    INSERT INTO timers (run_id, epoch, seq, ord, due, body)
    SELECT id, 0, 0, 0, due, '{\"start\":true}'::bytea FROM fresh WHERE NOT ready
)"
    };
}
pub(super) use start_timers;

macro_rules! token {
    () => {
        "WITH won AS (
    INSERT INTO batches (token, at) VALUES ($1, now_us()) ON CONFLICT DO NOTHING RETURNING at
), "
    };
}

macro_rules! flowed {
    () => {
        ", flowed AS (
    INSERT INTO flow (priority, arrived, ended, service_us, service_square)
    SELECT priority, count(*), 0, 0, 0 FROM fresh WHERE ready GROUP BY priority
) "
    };
}

/// Of runs without a key and a time. Each statement within a statement is made ready whether or not it finds rows, which
/// costs as much as some rows.
const PLAIN_INTAKE: &str = concat!(
    token!(),
    new_runs!(
        "won",
        "won.at",
        "true",
        "($2::uuid[], $3::uuid[], $4::uuid[], $5::int2[], $6::int8[], $7::text[], $8::bytea[], $9::bool[],
          $10::uuid[], $11::bytea[])"
    ),
    flowed!(),
    "SELECT at, '{}'::uuid[] FROM won"
);

const INTAKE: &str = concat!(
    token!(),
    "keys AS (
    INSERT INTO idempotency (tenant_id, key, run_id, request_hash, expires_at)
    SELECT k.tenant_id, k.key, k.run_id, k.request_hash, won.at + k.keep
    FROM won, unnest($2::uuid[], $3::text[], $4::uuid[], $5::bytea[], $6::int8[])
        AS k (tenant_id, key, run_id, request_hash, keep)
    ORDER BY k.tenant_id, k.key
    ON CONFLICT DO NOTHING RETURNING run_id
), ",
    new_runs!(
        "won",
        "won.at",
        "NOT r.keyed OR r.id = ANY (ARRAY(SELECT run_id FROM keys))",
        "($7::uuid[], $8::uuid[], $9::uuid[], $10::int2[], $11::int8[], $12::text[], $13::bytea[], $14::bool[],
          $15::uuid[], $16::bytea[])"
    ),
    start_timers!(),
    flowed!(),
    "SELECT at, ARRAY(SELECT run_id FROM keys) FROM won"
);

/// When a batch was committed.
const COMMITTED: &str = "SELECT at FROM batches WHERE token = $1";

/// Who holds keys. Each is looked up by itself: the bound of the lookup keeps it from becoming a join, which a plan
/// made on an empty table would begin with all keys there are (P1).
const HOLDERS: &str = "SELECT held.tenant_id, held.key, held.run_id, held.request_hash
FROM unnest($1::uuid[], $2::text[]) AS asked (tenant_id, key)
CROSS JOIN LATERAL (
    SELECT i.tenant_id, i.key, i.run_id, i.request_hash FROM idempotency i
    WHERE i.tenant_id = asked.tenant_id AND i.key = asked.key LIMIT 1
) held";

/// New runs as one array per column.
#[derive(Default)]
pub(super) struct RunColumns<'a> {
    pub(super) ids: Vec<Uuid>,
    pub(super) tenants: Vec<Uuid>,
    pub(super) workflows: Vec<Uuid>,
    pub(super) priorities: Vec<i16>,
    pub(super) dues: Vec<Option<i64>>,
    pub(super) callbacks: Vec<Option<&'a str>>,
    pub(super) inputs: Vec<&'a [u8]>,
    pub(super) keyed: Vec<bool>,
    pub(super) keys: Vec<Option<Uuid>>,
    pub(super) traces: Vec<Option<[u8; 25]>>,
}

impl<'a> RunColumns<'a> {
    pub(super) fn push(&mut self, run: &'a NewRun, keyed: bool) {
        self.ids.push(run.id.0);
        self.tenants.push(run.tenant.0);
        self.workflows.push(run.workflow.0);
        self.priorities.push(run.priority);
        self.dues.push(run.run_at.map(|at| at.0));
        self.callbacks.push(run.callback_url.as_deref());
        self.inputs.push(&run.input);
        self.keyed.push(keyed);
        self.keys.push(run.key.map(|key| key.0));
        self.traces.push(run.trace.map(TraceContext::to_bytes));
    }
}

/// A key within its tenant.
type Key<'a> = (Uuid, &'a str);

fn key(run: &NewRun) -> Option<Key<'_>> {
    run.idempotency
        .as_ref()
        .map(|claim| (run.tenant.0, claim.key.as_str()))
}

/// Binds the ten arrays of [`RunColumns`] in the order that `new_runs!` names them.
macro_rules! bind_runs {
    ($query:expr, $runs:expr) => {
        $query
            .bind($runs.ids)
            .bind($runs.tenants)
            .bind($runs.workflows)
            .bind($runs.priorities)
            .bind($runs.dues)
            .bind($runs.callbacks)
            .bind($runs.inputs)
            .bind($runs.keyed)
            .bind($runs.keys)
            .bind($runs.traces)
    };
}
pub(super) use bind_runs;

async fn insert_plain(
    line: &Line,
    token: Uuid,
    runs: &[&NewRun],
) -> Result<Option<(i64, Vec<Uuid>)>, StoreError> {
    let mut columns = RunColumns::default();
    for run in runs {
        columns.push(run, false);
    }
    let query = bind_runs!(sqlx::query_as(PLAIN_INTAKE).bind(token), columns);
    query.fetch_optional(line).await.map_err(store_error)
}

/// The clock of the batch and the runs whose keys it won; None when the token was committed before.
async fn insert(line: &Line, token: Uuid, runs: &[&NewRun]) -> Result<Option<(i64, Vec<Uuid>)>, StoreError> {
    if runs
        .iter()
        .all(|run| run.idempotency.is_none() && run.run_at.is_none())
    {
        return insert_plain(line, token, runs).await;
    }
    let mut seen = HashSet::new();
    let firsts: Vec<_> = runs
        .iter()
        .filter(|run| key(run).is_none_or(|key| seen.insert(key)))
        .collect();
    let mut columns = RunColumns::default();
    for run in &firsts {
        columns.push(run, run.idempotency.is_some());
    }
    let (mut tenants, mut keys, mut ids, mut hashes, mut keeps) = (vec![], vec![], vec![], vec![], vec![]);
    for run in &firsts {
        if let Some(claim) = &run.idempotency {
            tenants.push(run.tenant.0);
            keys.push(claim.key.as_str());
            ids.push(run.id.0);
            hashes.push(claim.request_hash.as_slice());
            keeps.push(i64::try_from(claim.keep.as_micros()).unwrap_or(i64::MAX / 4));
        }
    }
    let query = sqlx::query_as(INTAKE)
        .bind(token)
        .bind(tenants)
        .bind(keys)
        .bind(ids)
        .bind(hashes)
        .bind(keeps);
    bind_runs!(query, columns)
        .fetch_optional(line)
        .await
        .map_err(store_error)
}

/// The run and the request that a key stands for.
type Holders = HashMap<(Uuid, String), (Uuid, Vec<u8>)>;

/// Reads who holds the keys of these runs, in a snapshot after the one that lost to them.
async fn holders(line: &Line, runs: &[&NewRun]) -> Result<Holders, StoreError> {
    let (tenants, keys): (Vec<_>, Vec<_>) = runs.iter().filter_map(|run| key(run)).unzip();
    if keys.is_empty() {
        return Ok(Holders::new());
    }
    let query = sqlx::query_as(HOLDERS).bind(tenants).bind(keys);
    let rows: Vec<(Uuid, String, Uuid, Vec<u8>)> = query.fetch_all(line).await.map_err(store_error)?;
    Ok(rows
        .into_iter()
        .map(|(tenant, key, run, hash)| ((tenant, key), (run, hash)))
        .collect())
}

/// What became of one run; None when its key was lost to one that has been swept since.
fn fate(run: &NewRun, at: i64, winners: &HashSet<Uuid>, holders: &Holders) -> Option<IntakeFate> {
    let accepted = IntakeFate::Accepted {
        ready: run.run_at.is_none_or(|due| due <= Timestamp(at)),
    };
    let Some(claim) = &run.idempotency else {
        return Some(accepted);
    };
    if winners.contains(&run.id.0) {
        return Some(accepted);
    }
    let (holder, hash) = holders.get(&(run.tenant.0, claim.key.clone()))?;
    let holder = crate::RunId(*holder);
    Some(match hash.as_slice() == claim.request_hash {
        _ if holder == run.id => accepted,
        true => IntakeFate::Existing { run: holder },
        false => IntakeFate::KeyConflict { run: holder },
    })
}

/// One pass over `runs` under one token.
async fn pass(line: &Line, token: Uuid, runs: &[&NewRun]) -> Result<Vec<Option<IntakeFate>>, StoreError> {
    let (at, winners) = match insert(line, token, runs).await? {
        Some((at, winners)) => (at, winners.into_iter().collect()),
        None => (committed(line, token).await?, HashSet::new()),
    };
    let losers: Vec<_> = runs
        .iter()
        .filter(|run| !winners.contains(&run.id.0))
        .copied()
        .collect();
    let holders = holders(line, &losers).await?;
    Ok(runs.iter().map(|run| fate(run, at, &winners, &holders)).collect())
}

/// When the batch with this token was committed.
pub(super) async fn committed(line: &Line, token: Uuid) -> Result<i64, StoreError> {
    let at = sqlx::query_scalar(COMMITTED)
        .bind(token)
        .fetch_optional(line)
        .await
        .map_err(store_error)?;
    at.ok_or_else(|| StoreError::Retry("a batch was swept while it was repeated".to_owned()))
}

#[async_trait]
impl IntakeStore for PostgresStore {
    async fn intake(&self, token: Uuid, runs: &[NewRun]) -> Result<Vec<IntakeFate>, StoreError> {
        let all: Vec<_> = runs.iter().collect();
        let mut fates = pass(&self.hot, token, &all).await?;
        let swept: Vec<_> = (0..runs.len()).filter(|n| fates[*n].is_none()).collect();
        if !swept.is_empty() {
            // Their keys were lost to expired ones that the sweep took in between: they are free now. The token
            // follows from the batch's, so that a repeat of the batch repeats this too.
            let again: Vec<_> = swept.iter().map(|n| &runs[*n]).collect();
            let token = Uuid::from_u128(token.as_u128().wrapping_add(1));
            let second = pass(&self.hot, token, &again).await?;
            swept
                .into_iter()
                .zip(second)
                .for_each(|(n, fate)| fates[n] = fate);
        }
        let fates: Option<Vec<_>> = fates.into_iter().collect();
        fates.ok_or_else(|| StoreError::Retry("an idempotency key came and went".to_owned()))
    }

    async fn deliver(&self, token: Uuid, deliveries: &[Delivery]) -> Result<Vec<DeliveryFate>, StoreError> {
        deliver::deliver(&self.hot, token, deliveries).await
    }

    async fn ingest(&self, event: &NewEvent) -> Result<Ingested, StoreError> {
        ingest::ingest(&self.hot, event).await
    }
}
