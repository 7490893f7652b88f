//! What a worker does to the runs it holds. Every write is fenced by (run, epoch, state running): P3.

use async_trait::async_trait;
use levqor_trace::TraceContext;
use uuid::Uuid;

use crate::{InboxRow, KeyId, RetentionClass, RunId, StoreError, TenantId, Timestamp, WorkerId, WorkflowId};

/// A wish to own a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimRequest {
    /// Which run.
    pub run: RunId,
    /// The epoch the hint carried; the claim makes it `epoch + 1`.
    pub epoch: i32,
    /// A repeat with the same token wins again.
    pub token: Uuid,
}

/// A run as its new owner gets it; journal and inbox are whole (P6).
#[derive(Clone, Debug)]
pub struct ClaimedRun {
    /// Which run.
    pub id: RunId,
    /// Owner.
    pub tenant: TenantId,
    /// The document version.
    pub workflow: WorkflowId,
    /// The API key that started it.
    pub key: Option<KeyId>,
    /// The span that started it, when it is in a trace.
    pub trace: Option<TraceContext>,
    /// The epoch to write under.
    pub epoch: i32,
    /// Journal rows so far; the next append expects this number.
    pub seq: i32,
    /// Workers that died holding it since its last append.
    pub deaths: i16,
    /// 0 high, 1 normal, 2 low.
    pub priority: i16,
    /// JSON text as accepted.
    pub input: Vec<u8>,
    /// Packed journal of former ends, when it was retried.
    pub history: Option<Vec<u8>>,
    /// Bodies of the journal rows, in order of seq.
    pub journal: Vec<Vec<u8>>,
    /// All inbox rows, in order.
    pub inbox: Vec<InboxRow>,
    /// Where to report the end.
    pub callback_url: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// The store's clock at the claim.
    pub now: Timestamp,
}

/// A timer to arm while parking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTimer {
    /// Not before this time.
    pub due: Timestamp,
    /// Comes back as the inbox row's body (JSON text).
    pub body: Vec<u8>,
}

/// A subscription to open while parking; it lives until the run parks anew or ends, so that no event is missed
/// in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubscription {
    /// Only events of this type, when the filter says so literally.
    pub event_type: Option<String>,
    /// Only events of this source, when the filter says so literally.
    pub source: Option<String>,
}

/// A message to send after the commit (P13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOutbox {
    /// `callback` (body: the end notice) or `event` (body: an emitted CloudEvent).
    pub kind: OutboxKind,
    /// URL of a callback.
    pub target: Option<String>,
    /// JSON text.
    pub body: Vec<u8>,
}

/// What an outbox row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i16)]
pub enum OutboxKind {
    /// A signed POST to the run's callback URL.
    Callback = 1,
    /// An emitted CloudEvent, to be ingested here.
    Event = 2,
    /// How a run ended, for the operator's lists.
    Result = 3,
}

impl OutboxKind {
    /// From the stored number.
    pub fn from_i16(value: i16) -> Option<Self> {
        match value {
            1 => Some(Self::Callback),
            2 => Some(Self::Event),
            3 => Some(Self::Result),
            _ => None,
        }
    }
}

/// One journal row to add.
#[derive(Clone, Debug)]
pub struct Append {
    /// Which run.
    pub run: RunId,
    /// The writer's epoch.
    pub epoch: i32,
    /// The row's number is `seq + 1`; compared with the live row's `seq`.
    pub seq: i32,
    /// JSON text: an array of engine entries.
    pub body: Vec<u8>,
    /// Messages that leave with this commit.
    pub outbox: Vec<NewOutbox>,
}

/// A run that gives its worker back until something happens.
#[derive(Clone, Debug)]
pub struct Park {
    /// Which run.
    pub run: RunId,
    /// The writer's epoch.
    pub epoch: i32,
    /// The live row's `seq`.
    pub seq: i32,
    /// Entries to journal with it, as one row; None when there are none.
    pub body: Option<Vec<u8>>,
    /// `n` of the last inbox row folded (0: none); parking is refused when there are newer ones.
    pub inbox: i32,
    /// Timers to arm. They are keyed by (run, epoch, seq): a later park replaces those of an earlier one.
    pub timers: Vec<NewTimer>,
    /// Subscriptions to open.
    pub subscriptions: Vec<NewSubscription>,
    /// Messages that leave with this commit.
    pub outbox: Vec<NewOutbox>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndState {
    /// With an output.
    Completed,
    /// With an error; the dead letters.
    Faulted,
    /// By request.
    Cancelled,
}

/// What a run used, for the books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Microseconds that its attempts took, of all that are in its journal since it began or was retried.
    pub worker_us: i64,
    /// Attempts of `call: http` among them.
    pub calls: i32,
    /// What it is worth when it completes, in minor units; None when its document does not say.
    pub value: Option<i64>,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct End {
    /// Which run.
    pub run: RunId,
    /// The writer's epoch.
    pub epoch: i32,
    /// The live row's `seq`.
    pub seq: i32,
    /// `n` of the last inbox row folded, compared as in [`Park`] (P8).
    pub inbox: i32,
    /// How.
    pub state: EndState,
    /// How long it is kept.
    pub class: RetentionClass,
    /// JSON text of the output.
    pub output: Option<Vec<u8>>,
    /// JSON text of the error (RFC 9457 members of the specification).
    pub error: Option<Vec<u8>>,
    /// The whole journal: a JSON array of all entries, packed beside the row.
    pub journal: Vec<u8>,
    /// The callback, when there is one.
    pub outbox: Vec<NewOutbox>,
    /// Added to the table `usage` by the same commit, so that it counts once.
    pub usage: Usage,
}

/// What became of a fenced write, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteFate {
    /// Committed (or found committed by an earlier try of the same write).
    Committed,
    /// Not written: the inbox holds rows after the one named. Fold these and try again. Only for park and end.
    InboxMoved(Vec<InboxRow>),
    /// Not written: the epoch is over or the run is not running. Forget the run.
    Fenced,
}

/// Writes made by workers. Batches hold a run at most once and are sorted by id by the batcher.
#[async_trait]
pub trait WorkerStore {
    /// Takes runs. Stale or duplicate hints win nothing and are absent from the answer.
    async fn claim(&self, worker: WorkerId, wanted: &[ClaimRequest]) -> Result<Vec<ClaimedRun>, StoreError>;

    /// Journals entries.
    async fn append(&self, appends: &[Append]) -> Result<Vec<WriteFate>, StoreError>;

    /// Parks runs: state `waiting`, not ready, timers and subscriptions armed.
    async fn park(&self, parks: &[Park]) -> Result<Vec<WriteFate>, StoreError>;

    /// Ends runs: live row, journal, inbox, timers and subscriptions go, one `ended` row comes.
    async fn end(&self, ends: &[End]) -> Result<Vec<WriteFate>, StoreError>;

    /// Gives runs back (drain): pending and ready at the same epoch. Answers those released, to ring again.
    async fn release(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError>;

    /// Inbox counters of live runs held under these epochs; a missing run is no longer ours.
    async fn inbox_counts(&self, runs: &[(RunId, i32)]) -> Result<Vec<(RunId, i32)>, StoreError>;

    /// Inbox rows of a run after `n`.
    async fn inbox_after(&self, run: RunId, n: i32) -> Result<Vec<InboxRow>, StoreError>;

    /// Registers a worker process.
    async fn register_worker(&self, worker: WorkerId, info: &WorkerInfo) -> Result<(), StoreError>;

    /// Raises the worker's beat and its load. False: it was declared dead and must stop.
    async fn beat(&self, worker: WorkerId, busy: i32) -> Result<bool, StoreError>;

    /// Marks a worker as gone after its drain; it owns nothing more.
    async fn retire_worker(&self, worker: WorkerId) -> Result<(), StoreError>;

    /// Runs whose live row names this worker, for it to compare with those it knows (P10).
    async fn owned(&self, worker: WorkerId) -> Result<Vec<(RunId, i32)>, StoreError>;
}

/// What a worker says of itself.
#[derive(Clone, Debug)]
pub struct WorkerInfo {
    /// Host and process, for people.
    pub name: String,
    /// How many runs it holds at once.
    pub slots: i32,
    /// Program version.
    pub version: String,
}
