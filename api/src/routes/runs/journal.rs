//! `GET /api/v1/runs/{id}/journal`.

use std::sync::Arc;

use levqor_engine::{Entry, StepView, journal};
use levqor_store::{RunId, Timestamp};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
};
use serde::Serialize;
use serde_json::Value;

use super::find;
use crate::{
    auth::Caller,
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

/// Most steps on a page.
const PAGE: usize = 1_000;

pub(crate) struct Journal(pub Arc<Shared>);

/// Steps of a run, in the order they began.
#[derive(Serialize, Object)]
struct JournalPage {
    /// The run's id.
    id: String,
    /// The run's state.
    state: String,
    /// How many steps there are now.
    total: usize,
    /// Those of this page.
    steps: Vec<Step>,
    /// Pass it as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_after: Option<u32>,
}

/// A step: a task that was begun, one entry for each attempt.
#[derive(Serialize, Object)]
struct Step {
    /// Number of the step, from 1.
    number: u32,
    /// Path of execution: the task's pointer with iterations and attempts.
    path: String,
    /// JSON pointer of the task in the document.
    pointer: String,
    /// Kind of task: `set`, `http`, `activity`, `wait`, `switch`, `try`, `for` and so on.
    task: String,
    /// 1 for the first try.
    attempt: u32,
    /// `completed`, `faulted`, `retried`, `skipped`, `running`, `waiting` or `cancelled`.
    state: String,
    /// What it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    /// What it gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Value>,
    /// How it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
}

impl Failures for Journal {
    const CODES: &'static [Code] = &[Code::Unauthenticated, Code::RunNotFound];
}

#[OpenApi]
impl Journal {
    /// Read a run's journal
    ///
    /// Every step with its attempt, input, output, error and duration.
    #[oai(
        path = "/api/v1/runs/:id/journal",
        method = "get",
        operation_id = "getRunJournal",
        tag = "Tag::Runs"
    )]
    async fn journal(
        &self,
        caller: Caller,
        /// The run's id.
        id: Path<String>,
        /// Number of the last step seen; 0 for the first page.
        after: Query<Option<u32>>,
        /// Most steps on the page, 1 to 1,000; 1,000 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<JournalPage>, Failed<Self>> {
        let limit = limit.0.map_or(PAGE, |limit| limit as usize);
        let after = after.0.unwrap_or_default();
        let run = find(&self.0, caller, &id.0).await?;
        let steps = journal::steps(&entries(&self.0, caller, run.id).await?);
        let total = steps.len();
        let page: Vec<Step> = (1..)
            .zip(steps)
            .skip(after as usize)
            .take(limit)
            .map(|(number, view)| step(number, view))
            .collect();
        let next_after = page
            .last()
            .map(|step| step.number)
            .filter(|last| (*last as usize) < total);
        Ok(Json(JournalPage {
            id: run.id.to_string(),
            state: run.state.as_str().into(),
            total,
            steps: page,
            next_after,
        }))
    }
}

/// The entries of a run's journal, as committed so far.
pub(super) async fn entries(shared: &Shared, caller: Caller, run: RunId) -> Result<Vec<Entry>, Problem> {
    let body = shared
        .store()
        .journal(caller.tenant, run)
        .await?
        .unwrap_or_else(|| b"[]".to_vec());
    journal::decode(&body).map_err(|error| {
        tracing::error!(%error, %run, "journal cannot be read");
        Problem::new(Code::Internal, "The journal cannot be read.")
    })
}

fn step(number: u32, view: StepView) -> Step {
    let took = view
        .started_at
        .zip(view.ended_at)
        .map(|(from, to)| Timestamp(to).since(Timestamp(from)));
    Step {
        number,
        path: view.path,
        pointer: view.pointer,
        task: view.task,
        attempt: view.attempt,
        state: view.state,
        input: view.input,
        output: view.output,
        error: view.error.and_then(|error| serde_json::to_value(error).ok()),
        started_at: view.started_at.map(|at| time::format(Timestamp(at))),
        ended_at: view.ended_at.map(|at| time::format(Timestamp(at))),
        duration_ms: took.map(|took| took.as_secs_f64() * 1000.0),
    }
}
