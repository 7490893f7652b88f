//! `/api/v1/ledger`: what runs cost and brought in.

mod list;
mod summary;

use std::sync::Arc;

use crate::{
    error::{Code, Problem},
    intake::is_workflow_name,
    state::Shared,
};

/// Its operations.
pub(super) type Operations = (list::List, summary::Summary);

pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    (
        list::List(Arc::clone(shared)),
        summary::Summary(Arc::clone(shared)),
    )
}

/// A workflow to filter by.
fn workflow(text: Option<String>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if !is_workflow_name(&text) => {
            let detail = "Expected `namespace/name`.";
            Err(Problem::new(Code::InvalidParameter, detail).parameter("workflow"))
        }
        text => Ok(text),
    }
}
