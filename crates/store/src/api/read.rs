//! What people ask of runs. One statement over live and ended (P11); every read is scoped to a tenant.

use async_trait::async_trait;

use crate::{EndState, RunId, StoreError, TenantId, Timestamp, WorkflowId};

/// The specification's status phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Waits for a worker or for its time.
    Pending,
    /// A worker holds it.
    Running,
    /// Waits for a timer or an event.
    Waiting,
    /// Held back by somebody.
    Suspended,
    /// Ended by request.
    Cancelled,
    /// Ended with an error.
    Faulted,
    /// Ended with an output.
    Completed,
}

impl RunState {
    /// The stored number: 0..=3 live, 4..=6 ended.
    pub const fn code(self) -> i16 {
        match self {
            Self::Pending => 0,
            Self::Running => 1,
            Self::Waiting => 2,
            Self::Suspended => 3,
            Self::Cancelled => 4,
            Self::Faulted => 5,
            Self::Completed => 6,
        }
    }

    /// From the stored number.
    pub const fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            0 => Self::Pending,
            1 => Self::Running,
            2 => Self::Waiting,
            3 => Self::Suspended,
            4 => Self::Cancelled,
            5 => Self::Faulted,
            6 => Self::Completed,
            _ => return None,
        })
    }

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Suspended => "suspended",
            Self::Cancelled => "cancelled",
            Self::Faulted => "faulted",
            Self::Completed => "completed",
        }
    }

    /// Whether nothing more will happen.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Cancelled | Self::Faulted | Self::Completed)
    }
}

impl From<EndState> for RunState {
    fn from(state: EndState) -> Self {
        match state {
            EndState::Completed => Self::Completed,
            EndState::Faulted => Self::Faulted,
            EndState::Cancelled => Self::Cancelled,
        }
    }
}

/// A run as people see it.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Which run.
    pub id: RunId,
    /// The document version.
    pub workflow: WorkflowId,
    /// `namespace`.
    pub namespace: String,
    /// `name`.
    pub name: String,
    /// `version`.
    pub version: String,
    /// Where it is.
    pub state: RunState,
    /// 0 high, 1 normal, 2 low.
    pub priority: i16,
    /// How many claims it has had.
    pub epoch: i32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Not to be started before.
    pub run_at: Option<Timestamp>,
    /// First claim.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Option<Timestamp>,
    /// JSON text; only from [`ReadStore::run`].
    pub input: Option<Vec<u8>>,
    /// JSON text; only from [`ReadStore::run`].
    pub output: Option<Vec<u8>>,
    /// JSON text.
    pub error: Option<Vec<u8>>,
}

/// Which runs to list. All conditions hold at once.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// One of these; empty: any.
    pub states: Vec<RunState>,
    /// `namespace/name`, any version.
    pub workflow: Option<(String, String)>,
    /// Exactly this version too.
    pub version: Option<String>,
    /// Accepted at or after.
    pub created_from: Option<Timestamp>,
    /// Accepted before.
    pub created_to: Option<Timestamp>,
    /// Older than this run (the cursor).
    pub before: Option<RunId>,
}

impl RunFilter {
    /// Whether runs that have not ended can match, and whether those that have: the many ended are not looked through for
    /// the few that are live.
    pub(crate) fn arms(&self) -> (bool, bool) {
        let any = self.states.is_empty();
        let ended = |state: &RunState| state.code() >= RunState::Cancelled.code();
        (
            any || !self.states.iter().all(ended),
            any || self.states.iter().any(ended),
        )
    }
}

/// Reads for the API.
#[async_trait]
pub trait ReadStore {
    /// One run with its input, output and error.
    async fn run(&self, tenant: TenantId, id: RunId) -> Result<Option<RunView>, StoreError>;

    /// Newest first, at most `limit`.
    async fn runs(
        &self,
        tenant: TenantId,
        filter: &RunFilter,
        limit: i64,
    ) -> Result<Vec<RunView>, StoreError>;

    /// The run's journal as a JSON array of entries (packed when ended, row by row when live), or None.
    async fn journal(&self, tenant: TenantId, id: RunId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Those of `ids` that have ended; for everybody who waits in this process at once.
    async fn ended_among(&self, ids: &[RunId]) -> Result<Vec<RunId>, StoreError>;
}
