//! `GET /api/v1/status/{id}`: the short form, in the words of the first version of this API.

use std::sync::Arc;

use levqor_store::{RunState, RunView};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;

use crate::{
    auth::Caller,
    error::{Code, Failed, Failures},
    json::{Json, Raw, raw},
    routes::{Tag, runs},
    state::Shared,
    time,
};

pub(crate) struct Get(pub Arc<Shared>);

/// Where a run is.
#[derive(Serialize, Object)]
struct JobStatus {
    /// The run's id.
    job_id: String,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`.
    status: String,
    /// When it was accepted (RFC 3339).
    created_at: String,
    /// Its output when it succeeded, else null.
    result: Option<Raw>,
    /// Why it failed, else null.
    error: Option<Raw>,
    /// The state in the words of the workflow language; see GET /api/v1/runs/{id}.
    state: String,
    /// How many times a worker has taken it.
    attempts: i32,
    /// When a worker first took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// Where the run is shown in full.
    url: String,
}

impl Failures for Get {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::RunNotFound];
}

#[OpenApi]
impl Get {
    /// Read the status of a run
    #[oai(
        path = "/api/v1/status/:id",
        method = "get",
        operation_id = "getStatus",
        tag = "Tag::Runs"
    )]
    async fn get(
        &self,
        caller: Caller,
        /// The `job_id` that intake answered.
        id: Path<String>,
    ) -> Result<Json<JobStatus>, Failed<Self>> {
        let run = runs::find(&self.0, caller, &id.0).await?;
        Ok(Json(JobStatus {
            status: status(&run).into(),
            state: run.state.as_str().into(),
            url: format!("{}/api/v1/runs/{}", self.0.base(), run.id),
            job_id: run.id.to_string(),
            created_at: time::format(run.created_at),
            result: run.output.and_then(raw),
            error: run.error.and_then(raw),
            attempts: run.epoch,
            started_at: run.started_at.map(time::format),
            ended_at: run.ended_at.map(time::format),
        }))
    }
}

/// A run that has begun counts as running until it ends, waiting included.
fn status(run: &RunView) -> &'static str {
    match run.state {
        RunState::Completed => "succeeded",
        RunState::Faulted => "failed",
        RunState::Cancelled => "cancelled",
        RunState::Pending if run.started_at.is_none() => "queued",
        RunState::Pending | RunState::Running | RunState::Waiting | RunState::Suspended => "running",
    }
}
