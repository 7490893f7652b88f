//! A run as it is shown.

use levqor_store::{RunView, Timestamp};
use poem_openapi::Object;
use serde::Serialize;

use crate::{
    intake::priority_name,
    json::{Raw, raw},
    state::Shared,
    time,
};

/// A run.
#[derive(Serialize, Object)]
#[oai(rename = "Run")]
pub(super) struct RunBody {
    /// Its id.
    pub id: String,
    /// `namespace/name` of its workflow.
    pub workflow: String,
    /// The version of the document it runs.
    pub version: String,
    /// `pending`, `running`, `waiting`, `suspended`, `cancelled`, `faulted` or `completed`.
    pub state: String,
    /// `high`, `normal` or `low`.
    pub priority: String,
    /// How many times a worker has taken it: once at its start, once after each wait, once after each lost worker.
    pub attempts: i32,
    /// When it was accepted (RFC 3339, as all times).
    pub created_at: String,
    /// Not to be started before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_at: Option<String>,
    /// When a worker first took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Milliseconds from its first start to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Its input as it was sent; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Raw>,
    /// Its output, when it completed; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Raw>,
    /// Why it faulted: type, status, title, detail, and in `instance` the pointer of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Raw>,
    /// Where it is served.
    pub url: String,
}

impl RunBody {
    pub(super) fn new(shared: &Shared, run: RunView) -> Self {
        Self {
            url: format!("{}/api/v1/runs/{}", shared.base(), run.id),
            id: run.id.to_string(),
            workflow: format!("{}/{}", run.namespace, run.name),
            version: run.version,
            state: run.state.as_str().into(),
            priority: priority_name(run.priority).into(),
            attempts: run.epoch,
            created_at: time::format(run.created_at),
            run_at: run.run_at.map(time::format),
            started_at: run.started_at.map(time::format),
            ended_at: run.ended_at.map(time::format),
            duration_ms: duration_ms(run.started_at, run.ended_at),
            input: run.input.and_then(raw),
            output: run.output.and_then(raw),
            error: run.error.and_then(raw),
        }
    }
}

fn duration_ms(started: Option<Timestamp>, ended: Option<Timestamp>) -> Option<u64> {
    u64::try_from(ended?.since(started?).as_millis()).ok()
}
