//! Standard errors of the specification, as this run's document spells them.

use levqor_workflow::error_type;

use super::Machine;
use crate::{CallFailure, WorkflowError};

/// What may be wrong with a task, besides its error: how it came about.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: WorkflowError,
    /// No retry policy applies.
    pub(super) fatal: bool,
}

impl From<WorkflowError> for Failure {
    fn from(error: WorkflowError) -> Self {
        Self { error, fatal: false }
    }
}

impl Machine {
    /// A standard error at a pointer. An unknown kind is a `runtime` error.
    pub(super) fn error(&self, kind: &str, detail: String, pointer: &str) -> WorkflowError {
        let standard = error_type::find(kind);
        WorkflowError {
            r#type: error_type::standard(
                standard.map_or("runtime", |error| error.name),
                &self.definition.document.dsl,
            ),
            status: standard.map_or(500, |error| error.status),
            title: Some(standard.map_or("Runtime Error", |error| error.title).to_owned()),
            detail: Some(detail),
            instance: Some(pointer.to_owned()),
        }
    }

    /// What a worker says of a call.
    pub(super) fn call_failure(&self, failure: CallFailure, pointer: &str) -> Failure {
        let mut error = self.error(failure.kind, failure.detail, pointer);
        error.status = failure.status;
        error.title = Some(failure.title);
        Failure {
            error,
            fatal: failure.fatal,
        }
    }
}
