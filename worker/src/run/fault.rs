//! Failures of the run itself, outside what its document can catch: it ends `faulted` with a `runtime` error that
//! says why, and is never claimed again and again.

use std::fmt::Display;

use levqor_engine::WorkflowError;
use levqor_workflow::error_type;

use crate::definitions::DefinitionError;

/// Workers that died holding a run before it is held responsible.
pub(super) const MOST_DEATHS: i16 = 5;

/// Panics of the interpreter over one run, in one process, before it is ended.
pub(super) const MOST_PANICS: u32 = 3;

/// Why a run cannot go on.
#[derive(Debug)]
pub(super) struct Fault {
    title: &'static str,
    detail: String,
}

impl Fault {
    fn new(title: &'static str, detail: impl Display) -> Self {
        Self {
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

    /// Without what it says of the run's data, for logs.
    pub(super) fn title(&self) -> &'static str {
        self.title
    }

    /// As the run's error, spelled for a document of this DSL version.
    pub(super) fn into_error(self, dsl: &str) -> WorkflowError {
        WorkflowError {
            r#type: error_type::standard("runtime", dsl),
            status: 500,
            title: Some(self.title.into()),
            detail: Some(self.detail),
            instance: None,
        }
    }
}
