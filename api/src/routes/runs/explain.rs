//! `GET /api/v1/runs/{id}/explain` (invariant I6).

use std::sync::Arc;

use levqor_engine::journal::steps;
use levqor_store::{RunState, RunView};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;

use super::{
    cause::{Cause, queued, running, scheduled, waiting},
    find,
    journal::entries,
};
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
};

pub(crate) struct Explain(pub Arc<Shared>);

/// Why a run is where it is.
#[derive(Serialize, Object)]
struct Explanation {
    /// The run's id.
    id: String,
    /// The run's state.
    state: String,
    /// `ended`, `scheduled`, `no_worker`, `workers_busy`, `queued`, `in_progress`, `waiting_for_time`,
    /// `waiting_for_event`, `waiting_to_retry`, `waiting` or `suspended`.
    reason: String,
    /// The reason in words.
    detail: String,
    /// What makes it go on.
    unblocked_by: String,
    /// Paths of the steps it is in.
    steps: Vec<String>,
}

impl Failures for Explain {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::RunNotFound];
}

#[OpenApi]
impl Explain {
    /// Explain why a run is not progressing
    #[oai(
        path = "/api/v1/runs/:id/explain",
        method = "get",
        operation_id = "explainRun",
        tag = "Tag::Runs"
    )]
    async fn explain(
        &self,
        caller: Caller,
        /// The run's id.
        id: Path<String>,
    ) -> Result<Json<Explanation>, Failed<Self>> {
        let run = find(&self.0, caller, &id.0).await?;
        let reason = self.reason(caller, &run).await?;
        let Cause {
            reason,
            detail,
            unblocked_by,
            steps,
        } = reason;
        let (id, state, reason) = (
            run.id.to_string(),
            run.state.as_str().to_owned(),
            reason.to_owned(),
        );
        Ok(Json(Explanation {
            id,
            state,
            reason,
            detail,
            unblocked_by,
            steps,
        }))
    }
}

impl Explain {
    async fn reason(&self, caller: Caller, run: &RunView) -> Result<Cause, Problem> {
        match run.state {
            RunState::Pending => self.pending(run).await,
            RunState::Running | RunState::Waiting => {
                let entries = entries(&self.0, caller, run.id).await?;
                let steps = steps(&entries);
                Ok(if run.state == RunState::Running {
                    running(&steps)
                } else {
                    waiting(&steps, &entries)
                })
            }
            RunState::Suspended => Ok(Cause::new("suspended", "The run was held back.", "Resuming it.")),
            RunState::Cancelled | RunState::Faulted | RunState::Completed => {
                let detail = format!("The run has ended: {}.", run.state.as_str());
                Ok(Cause::new("ended", detail, "Nothing: it is over."))
            }
        }
    }

    async fn pending(&self, run: &RunView) -> Result<Cause, Problem> {
        let now = self.0.store().now().await?;
        if let Some(at) = run.run_at.filter(|at| *at > now && run.started_at.is_none()) {
            return Ok(scheduled(at));
        }
        Ok(queued(&self.0.store().beats().await?))
    }
}
