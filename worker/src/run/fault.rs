//! Failures of the run itself, outside what its document can catch: it ends `faulted` with an error that says why
//! (`runtime`, or ours of a budget), and is never claimed again and again.

use std::fmt::Display;

use levqor_billing::Money;
use levqor_engine::WorkflowError;
use levqor_ledger::{Period, Scope, Standing};
use levqor_workflow::error_type;

use crate::definitions::DefinitionError;

/// Workers that died holding a run before it is held responsible.
pub(super) const MOST_DEATHS: i16 = 5;

/// Panics of the interpreter over one run, in one process, before it is ended.
pub(super) const MOST_PANICS: u32 = 3;

/// `type` of the error of a run that was stopped by a budget; it never changes.
const BUDGET_EXHAUSTED: &str = "urn:levqor:error:budget_exhausted";

/// Why a run cannot go on.
#[derive(Debug)]
pub(super) struct Fault {
    budget: bool,
    title: &'static str,
    detail: String,
}

impl Fault {
    fn new(title: &'static str, detail: impl Display) -> Self {
        Self {
            budget: false,
            title,
            detail: detail.to_string(),
        }
    }

    /// Stored bytes that do not fit the definition, or are not what this program writes.
    pub(super) fn corrupt(why: impl Display) -> Self {
        Self::new("The run's stored state cannot be read", why)
    }

    /// There is no document to follow.
    pub(super) fn definition(why: &DefinitionError) -> Self {
        Self::new("The workflow cannot be loaded", why)
    }

    /// The database will not take what the run wants to write.
    pub(super) fn refused(why: impl Display) -> Self {
        Self::new("The database refused the run's data", why)
    }

    /// It is the likely culprit of the deaths of its workers.
    pub(super) fn deaths(deaths: i16) -> Self {
        Self::new(
            "The run's workers died",
            format_args!(
                "{deaths} workers died holding it without any progress, so it was not started again"
            ),
        )
    }

    /// The interpreter cannot cope with it.
    pub(super) fn panics(panics: u32) -> Self {
        Self::new(
            "The interpreter failed",
            format_args!("it panicked {panics} times over this run"),
        )
    }

    /// A budget that it is under is used up: it makes no further call.
    pub(super) fn budget(standing: &Standing, currency: &str) -> Self {
        let budget = &standing.budget;
        let most = Money {
            minor: budget.most,
            currency: currency.to_owned(),
        };
        let whose = match budget.scope {
            Scope::Tenant => "the tenant".to_owned(),
            Scope::Workflow => format!("the workflow {}", budget.subject),
            Scope::Key => format!("the API key {}", budget.subject),
        };
        let when = match budget.period {
            Period::Day => "a day",
            Period::Month => "a month",
            Period::Total => "in all",
        };
        let id = budget.id;
        let detail = format!("the budget {id} of {whose}, {most} {when}, is used up");
        Self {
            budget: true,
            ..Self::new("A budget is used up", detail)
        }
    }

    /// Without what it says of the run's data, for logs.
    pub(super) fn title(&self) -> &'static str {
        self.title
    }

    /// As the run's error, spelled for a document of this DSL version.
    pub(super) fn into_error(self, dsl: &str) -> WorkflowError {
        let (r#type, status) = if self.budget {
            (BUDGET_EXHAUSTED.to_owned(), 402)
        } else {
            (error_type::standard("runtime", dsl), 500)
        };
        WorkflowError {
            r#type,
            status,
            title: Some(self.title.into()),
            detail: Some(self.detail),
            instance: None,
        }
    }
}
