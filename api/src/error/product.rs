//! What a caller sees of errors of the product's rules.

use levqor_platform::NotConfigured;
use levqor_processes::ProcessError;

use super::{Code, Problem};

impl From<NotConfigured> for Problem {
    fn from(error: NotConfigured) -> Self {
        Self::new(Code::NotConfigured, format!("{error}."))
    }
}

impl From<ProcessError> for Problem {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Store(error) => error.into(),
            other => {
                tracing::error!(error = %other, "a process of ours cannot be started");
                Self::new(Code::Internal, "The process could not be started.")
            }
        }
    }
}
