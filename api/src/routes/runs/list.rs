//! `GET /api/v1/runs`.

use std::sync::Arc;

use levqor_store::{RunFilter, RunId, RunState};
use poem_openapi::{Object, OpenApi, param::Query};
use serde::Serialize;

use super::view::RunBody;
use crate::{
    auth::Caller,
    cursor::{Cursors, page_size},
    error::{Code, Failed, Failures, Problem},
    json::Json,
    routes::Tag,
    state::Shared,
    time,
};

pub(crate) struct List(pub Arc<Shared>);

/// A page of runs, newest first, without their inputs and outputs.
#[derive(Serialize, Object)]
struct RunPage {
    /// The runs.
    runs: Vec<RunBody>,
    /// Pass it as `cursor`, with the same filters, for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Failures for List {
    const CODES: &'static [Code] = &[Code::Unauthenticated];
}

#[OpenApi]
impl List {
    /// List runs
    ///
    /// Newest first. All conditions hold at once.
    #[oai(
        path = "/api/v1/runs",
        method = "get",
        operation_id = "listRuns",
        tag = "Tag::Runs"
    )]
    #[expect(clippy::too_many_arguments, reason = "each is a query parameter")]
    async fn list(
        &self,
        caller: Caller,
        /// Only runs in one of these states, separated by commas.
        state: Query<Option<String>>,
        /// Only runs of this workflow, `namespace/name`.
        workflow: Query<Option<String>>,
        /// Only runs of this version of it.
        version: Query<Option<String>>,
        /// Only runs accepted at this time or later (RFC 3339).
        created_after: Query<Option<String>>,
        /// Only runs accepted before this time (RFC 3339).
        created_before: Query<Option<String>>,
        /// Most runs on the page, 1 to 200.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u32>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Json<RunPage>, Failed<Self>> {
        let context = format!(
            "runs {:?}",
            (
                &state.0,
                &workflow.0,
                &version.0,
                &created_after.0,
                &created_before.0
            )
        );
        let cursors = Cursors::new(context);
        let limit = page_size(limit.0)?;
        let filter = RunFilter {
            states: states(state.0.as_deref())?,
            workflow: workflow.0.as_deref().map(name).transpose()?,
            version: with_workflow(version.0, workflow.0.is_some())?,
            created_from: time::parameter("created_after", created_after.0.as_deref())?,
            created_to: time::parameter("created_before", created_before.0.as_deref())?,
            before: cursors.start(cursor.0.as_deref())?.map(RunId),
        };
        let mut runs = self.0.store().runs(caller.tenant, &filter, limit + 1).await?;
        let next_cursor = cursors.cut(&mut runs, limit, |run| run.id.0);
        let runs = runs.into_iter().map(|run| RunBody::new(&self.0, run)).collect();
        Ok(Json(RunPage { runs, next_cursor }))
    }
}

fn wrong(parameter: &str, detail: &str) -> Problem {
    Problem::new(Code::InvalidParameter, detail).parameter(parameter)
}

fn states(text: Option<&str>) -> Result<Vec<RunState>, Problem> {
    let detail = "Expected pending, running, waiting, suspended, cancelled, faulted or completed, separated by commas.";
    let Some(text) = text else { return Ok(Vec::new()) };
    let state = |name: &str| {
        (0..=6)
            .filter_map(RunState::from_code)
            .find(|state| state.as_str() == name)
    };
    text.split(',')
        .map(|name| state(name).ok_or_else(|| wrong("state", detail)))
        .collect()
}

fn name(text: &str) -> Result<(String, String), Problem> {
    match text.split_once('/') {
        Some((namespace, name))
            if !namespace.is_empty() && !name.is_empty() && !name.contains(['/', ':']) =>
        {
            Ok((namespace.into(), name.into()))
        }
        _ => Err(wrong("workflow", "Expected namespace/name.")),
    }
}

fn with_workflow(version: Option<String>, workflow: bool) -> Result<Option<String>, Problem> {
    match version {
        Some(_) if !workflow => Err(wrong("version", "A version is one of a workflow; name that too.")),
        version => Ok(version),
    }
}
