//! `/api/v1/budgets`: what a tenant, a workflow or a key may spend.

mod create;
mod delete;
mod get;
mod list;
mod patch;
mod view;

use std::sync::Arc;

use levqor_store::BudgetId;

use crate::{
    error::{Code, Problem},
    state::Shared,
};

/// Its operations.
pub(super) type Operations = (list::List, create::Create, get::Get, patch::Patch, delete::Delete);

pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        list::List(s()),
        create::Create(s()),
        get::Get(s()),
        patch::Patch(s()),
        delete::Delete(s()),
    )
}

/// Largest limit, in minor units; sums of costs stay far below what a number can hold.
const MOST_LIMIT: i64 = 1_000_000_000_000;

/// A limit that can be one.
fn limit(limit: i64) -> Result<i64, Problem> {
    if (0..=MOST_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("Expected a whole number of minor units from 0 to {MOST_LIMIT}.");
    Err(Problem::new(Code::InvalidMember, detail).at("/limit"))
}

/// The id in the path.
fn budget_id(text: &str) -> Result<BudgetId, Problem> {
    text.parse().map_err(|_| missing())
}

/// There is none with the id in the path.
fn missing() -> Problem {
    Problem::new(Code::BudgetNotFound, "There is no budget with this id.").parameter("id")
}
