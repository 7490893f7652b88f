//! What an activity may know of the attempt it is.

use std::sync::Arc;

use levqor_store::{RunId, TenantId};
use levqor_trace::TraceContext;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Progress, ProgressMap};
use crate::Environment;

/// One attempt of one activity. Made by the worker for each attempt.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) run: RunId,
    pub(crate) tenant: TenantId,
    /// Whether the document is one of our own processes: its namespace, in which nobody else can store.
    pub(crate) ours: bool,
    pub(crate) epoch: i32,
    pub(crate) path: String,
    pub(crate) attempt: u32,
    pub(crate) idempotency_key: String,
    /// What those are told whom the attempt calls: its own span when that is recorded.
    pub(crate) trace: Option<TraceContext>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) cancellation: CancellationToken,
    pub(crate) progress: Arc<ProgressMap>,
    pub(crate) environment: Environment,
}

impl Context {
    /// The run it works for.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The run's owner: whatever an activity reads or writes is this tenant's.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The claim it runs under. A receiver that sees two epochs for one key may refuse the lower.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Execution path of the task, unique in the run, attempt included.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// 1 for the first try. A repetition after a crash has the number of the attempt it repeats.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The same for all attempts of this task in this run, over retries and crashes: give it to whoever
    /// can recognise a repetition (PROTOCOL.md, Append).
    pub fn idempotency_key(&self) -> &str {
        &self.idempotency_key
    }

    /// The nearest timeout around the task, on this process's monotonic clock. The worker enforces it.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Cancelled when the attempt is of no use any more: timeout, cancelled run, drain, lost lease. One second
    /// later the attempt is dropped where it stands.
    pub fn cancellation(&self) -> &CancellationToken {
        &self.cancellation
    }

    /// Says how far the attempt is: `percent` 0..=100 and a word for people (200 characters are kept). It is kept in
    /// this process's memory for whoever asks while the attempt runs; nothing is journaled, and nothing reads it to
    /// decide anything.
    pub fn progress(&self, percent: u8, message: impl Into<String>) {
        let said = Progress {
            path: self.path.clone(),
            attempt: self.attempt,
            percent,
            message: message.into(),
        };
        self.progress.set(self.run, said);
    }

    /// The worker's dependencies.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }
}
