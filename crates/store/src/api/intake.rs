//! Accepting runs and delivering what others tell them.

use async_trait::async_trait;
use levqor_trace::TraceContext;
use uuid::Uuid;

use crate::{KeyId, RunId, StoreError, TenantId, Timestamp, WorkflowId};

/// A run to accept.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Made by the caller, UUIDv7.
    pub id: RunId,
    /// Owner.
    pub tenant: TenantId,
    /// The version of the document it will run.
    pub workflow: WorkflowId,
    /// 0 high, 1 normal, 2 low: smaller first.
    pub priority: i16,
    /// Not to be started before this time.
    pub run_at: Option<Timestamp>,
    /// JSON text, verbatim as it was received; no NUL.
    pub input: Vec<u8>,
    /// Called at least once when the run ends.
    pub callback_url: Option<String>,
    /// The caller's idempotency key, if any.
    pub idempotency: Option<IdempotencyClaim>,
    /// The API key that starts it; None for schedules and processes.
    pub key: Option<KeyId>,
    /// The span that starts it, when it is in a trace.
    pub trace: Option<TraceContext>,
}

/// One key stands for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyClaim {
    /// As sent, 1..=255 characters; unique in the tenant.
    pub key: String,
    /// SHA-256 of the canonical request, taken before "latest" is resolved.
    pub request_hash: [u8; 32],
    /// How long the key is kept.
    pub keep: std::time::Duration,
}

/// What became of one run of an intake batch, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeFate {
    /// Committed. `ready` when a worker may claim it now (no `run_at` in the future).
    Accepted {
        /// Whether to ring the queue.
        ready: bool,
    },
    /// The key was used before with the same request; nothing was inserted.
    Existing {
        /// The run the key stands for.
        run: RunId,
    },
    /// The key was used before with another request.
    KeyConflict {
        /// The run the key stands for.
        run: RunId,
    },
}

/// What kind of thing an inbox row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i16)]
pub enum InboxKind {
    /// A timer came due; the body is the timer's body.
    Timer = 1,
    /// An event matched a subscription; the body is the CloudEvent.
    Event = 2,
    /// Somebody asked to cancel; the body says who and why.
    Cancel = 3,
}

impl InboxKind {
    /// From the stored number.
    pub fn from_i16(value: i16) -> Option<Self> {
        match value {
            1 => Some(Self::Timer),
            2 => Some(Self::Event),
            3 => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// A row of a run's inbox. `n` starts at 1 and has no gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Position.
    pub n: i32,
    /// What it is.
    pub kind: InboxKind,
    /// JSON text.
    pub body: Vec<u8>,
    /// When it was delivered.
    pub at: Timestamp,
}

/// Something to put into a run's inbox.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Owner; a delivery to another tenant's run is [`DeliveryFate::NotLive`].
    pub tenant: TenantId,
    /// Addressee.
    pub run: RunId,
    /// What it is.
    pub kind: InboxKind,
    /// JSON text.
    pub body: Vec<u8>,
}

/// What became of a delivery, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryFate {
    /// In the inbox. `hint` is the epoch to ring with when the run waits for a worker.
    Delivered {
        /// Epoch for the hint, when the run is pending and ready.
        hint: Option<i32>,
    },
    /// There is no such live run in this tenant.
    NotLive,
}

/// A CloudEvent to match against subscriptions.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Owner; events never cross tenants.
    pub tenant: TenantId,
    /// CloudEvents `source`; with `event_id` unique in the tenant (a repeat is not delivered twice).
    pub source: String,
    /// CloudEvents `id`.
    pub event_id: String,
    /// CloudEvents `type`.
    pub event_type: String,
    /// The whole event as JSON text.
    pub body: Vec<u8>,
}

/// What an ingest did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Seen before: nothing was done.
    pub duplicate: bool,
    /// Runs whose inbox got it in this call (at most 1,000).
    pub matched: u32,
    /// Runs to ring, with their epochs.
    pub hints: Vec<(RunId, i32)>,
    /// More subscriptions remain; the scheduler goes on with [`crate::SchedulerStore::continue_events`].
    pub more: bool,
}

/// Writes made by the API.
#[async_trait]
pub trait IntakeStore {
    /// Accepts runs in one transaction (P2): a repeat with the same `token` changes nothing and answers the same.
    /// Keys are de-duplicated inside the batch too: the first of equal keys wins.
    async fn intake(&self, token: Uuid, runs: &[NewRun]) -> Result<Vec<IntakeFate>, StoreError>;

    /// Delivers to inboxes and wakes (P4, P7); several deliveries to one run are fine. Repeat-safe by
    /// `token`: a repeat delivers nothing, and answers [`DeliveryFate::NotLive`] for a run that has ended since, whether or not
    /// its inbox had the row.
    async fn deliver(&self, token: Uuid, deliveries: &[Delivery]) -> Result<Vec<DeliveryFate>, StoreError>;

    /// Stores an event and delivers it to at most 1,000 subscribed runs. A subscription's literals
    /// (type, source) are compared here, its filters by the run.
    async fn ingest(&self, event: &NewEvent) -> Result<Ingested, StoreError>;
}
