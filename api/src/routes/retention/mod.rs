//! How long data is kept: rules, a tenant's own periods, what is due, what was certified, and the page for everybody.

mod certificates;
mod choose;
mod clear;
mod page;
mod period;
mod policies;
mod preview;
mod view;

use std::sync::Arc;

use levqor_retention::OverrideError;

use crate::{
    error::{Code, Problem},
    state::Shared,
};

/// Its operations.
pub(super) type Operations = (
    policies::Policies,
    choose::Choose,
    clear::Clear,
    preview::Preview,
    certificates::Certificates,
    page::RetentionPage,
);

pub(super) fn operations(shared: &Arc<Shared>) -> Operations {
    let s = || Arc::clone(shared);
    (
        policies::Policies(s()),
        choose::Choose(s()),
        clear::Clear(s()),
        preview::Preview(s()),
        certificates::Certificates(s()),
        page::RetentionPage(s()),
    )
}

impl From<OverrideError> for Problem {
    fn from(error: OverrideError) -> Self {
        match error {
            OverrideError::Store(error) => error.into(),
            OverrideError::Unknown(_) => no_policy(),
            OverrideError::Fixed(_) => {
                let detail = "The rows serve one purpose and go when it is over; there is nothing to choose.";
                Self::new(Code::PeriodFixed, detail).parameter("table")
            }
            OverrideError::OutOfBounds { least, most, .. } => {
                let detail = format!("Expected {least} to {most} days.");
                Self::new(Code::InvalidMember, detail).at("/days")
            }
            // What the crate adds later.
            other => {
                tracing::error!(error = %other, "a period was not chosen");
                Self::new(Code::Internal, "The period was not chosen.")
            }
        }
    }
}

/// No rule has the name in the path.
fn no_policy() -> Problem {
    Problem::new(Code::PolicyNotFound, "There is no rule for such a table.").parameter("table")
}
