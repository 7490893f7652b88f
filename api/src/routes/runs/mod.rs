//! `/api/v1/runs`.

mod cancel;
mod cause;
mod explain;
mod get;
mod journal;
mod list;
mod view;

use std::str::FromStr;

pub(crate) use cancel::Cancel;
pub(crate) use explain::Explain;
pub(crate) use get::Get;
pub(crate) use journal::Journal;
use levqor_store::{RunId, RunView};
pub(crate) use list::List;

use crate::{
    auth::Caller,
    error::{Code, Problem},
    state::Shared,
};

/// The run with this id, if the caller may see it. What is no id names no run.
pub(crate) async fn find(shared: &Shared, caller: Caller, id: &str) -> Result<RunView, Problem> {
    let run = run_id(id)?;
    shared.store().run(caller.tenant, run).await?.ok_or_else(missing)
}

pub(crate) fn run_id(id: &str) -> Result<RunId, Problem> {
    RunId::from_str(id).map_err(|_| missing())
}

fn missing() -> Problem {
    Problem::new(Code::RunNotFound, "There is no run with this id.").parameter("id")
}
