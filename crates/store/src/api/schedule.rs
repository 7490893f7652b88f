//! What the leader does: timers, relay, rescue, schedules, outbox, sweeps. Writes are bound to its term (P9).

use std::time::Duration;

use async_trait::async_trait;
use levqor_trace::TraceContext;

use crate::{NewRun, OutboxKind, RunId, StoreError, TenantId, Timestamp, WorkerId, WorkflowId};

/// A run a worker may claim, with what orders it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Which run.
    pub run: RunId,
    /// The epoch a hint carries.
    pub epoch: i32,
    /// 0 high, 1 normal, 2 low.
    pub priority: i16,
}

/// A living worker as the rescuer watches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Which worker.
    pub worker: WorkerId,
    /// A counter raised every second by that process.
    pub beats: i64,
    /// How many runs it can hold.
    pub slots: i32,
    /// How many it holds.
    pub busy: i32,
}

/// A message of the outbox, leased to this caller until its new due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Row id.
    pub id: i64,
    /// Owner.
    pub tenant: TenantId,
    /// The run that sent it.
    pub run: RunId,
    /// Epoch of its origin: `webhook-id` is run + epoch.
    pub epoch: i32,
    /// What it is.
    pub kind: OutboxKind,
    /// URL of a callback.
    pub target: Option<String>,
    /// JSON text.
    pub body: Vec<u8>,
    /// The span that started the run, when it is in a trace.
    pub trace: Option<TraceContext>,
    /// Tries so far, this one included.
    pub attempts: i32,
}

/// When a workflow's name starts runs by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Row id.
    pub id: i64,
    /// Owner.
    pub tenant: TenantId,
    /// `namespace/name`.
    pub workflow_name: String,
    /// The version it starts.
    pub workflow: WorkflowId,
    /// JSON text of `levqor_workflow::model::Schedule`: `{"cron": "…"}` or `{"every": {"secs": …, "nanos": …}}`.
    pub spec: String,
    /// The next tick.
    pub next_due: Timestamp,
}

/// Writes and reads of the scheduler.
#[async_trait]
pub trait SchedulerStore {
    /// Takes or keeps the leader lease; the term it holds, or None while another holds it.
    async fn lead(&self, holder: WorkerId, lease: Duration) -> Result<Option<i64>, StoreError>;

    /// Gives the lease up at once (graceful stop).
    async fn abdicate(&self, holder: WorkerId) -> Result<(), StoreError>;

    /// Fires timers due by the store's clock: each becomes an inbox row and a wake (P4, P7). At most `limit`.
    /// A `run_at` start is such a timer too.
    async fn fire_timers(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError>;

    /// When the next timer is due, if any.
    async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Whether any run is pending and ready. Reads only the partial index.
    async fn any_ready(&self) -> Result<bool, StoreError>;

    /// Runs pending and ready in (priority, id) order after `floor` of that priority. Reads only the partial index.
    async fn ready(&self, priority: i16, floor: Option<RunId>, limit: i64) -> Result<Vec<Ready>, StoreError>;

    /// Workers alive.
    async fn beats(&self) -> Result<Vec<Beat>, StoreError>;

    /// Declares a worker dead whose counter still is `beats`. False: it has beaten since.
    async fn bury(&self, term: i64, worker: WorkerId, beats: i64) -> Result<bool, StoreError>;

    /// Frees running rows whose worker is not alive: pending, ready, `deaths + 1` (P10). At most `limit`.
    async fn rescue(&self, term: i64, limit: i64) -> Result<Vec<Ready>, StoreError>;

    /// Schedules due by the store's clock, with that clock.
    async fn due_schedules(&self, limit: i64) -> Result<(Timestamp, Vec<ScheduleRow>), StoreError>;

    /// When the next schedule is due, if any.
    async fn next_schedule(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Moves a schedule from `due` to `next` and starts `runs`, in one commit. False: another moved it.
    async fn tick(
        &self,
        term: i64,
        schedule: i64,
        due: Timestamp,
        next: Option<Timestamp>,
        runs: &[NewRun],
    ) -> Result<bool, StoreError>;

    /// Leases due outbox rows, a run's oldest only, pushing their due time by a growing backoff (P13).
    async fn lease_outbox(&self, term: i64, limit: i64) -> Result<Vec<OutboxRow>, StoreError>;

    /// Removes sent rows.
    async fn delete_outbox(&self, ids: &[i64]) -> Result<(), StoreError>;

    /// Goes on with events whose matching stopped at 1,000 runs; those to ring.
    async fn continue_events(&self, term: i64) -> Result<Vec<Ready>, StoreError>;

    /// Deletes at most `limit` rows of each kind: expired keys, batches older than a day, rows of runs
    /// that are no longer live (P8), events older than a day. Answers how many went.
    async fn sweep(&self, term: i64, limit: i64) -> Result<u64, StoreError>;

    /// On Postgres, frees what dead rows have left behind in the tables of live runs, when that is much; any process may, and
    /// whoever reads or writes meanwhile does not wait. False when most of it is left: somebody still sees it.
    async fn vacuum(&self) -> Result<bool, StoreError>;

    /// Makes partitions of `ended` for the days ahead (P12); nothing on SQLite.
    async fn ensure_partitions(&self, term: i64) -> Result<(), StoreError>;

    /// Drops partitions of `ended` in which the time of every run is over, that no legal hold touches, and in whose
    /// range no run is live (P12). Answers the names of those dropped; nothing on SQLite.
    async fn drop_expired_partitions(&self, term: i64) -> Result<Vec<String>, StoreError>;

    /// Deletes at most `limit` ended runs whose time is over and that no legal hold covers: all of them on SQLite; on
    /// Postgres those in partitions that cannot be dropped, and those whose tenant chose a shorter time. Answers how
    /// many went.
    async fn expire_runs(&self, term: i64, limit: i64) -> Result<u64, StoreError>;
}
