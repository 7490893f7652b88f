//! What an activity says when it fails. The fate is chosen where the error is made, not where it is handled.

use levqor_engine::CallFailure;

/// An activity's failure. [`ActivityError::retry`] leaves the decision to the workflow's retry policy;
/// [`ActivityError::fail`] says that no further attempt can help, so no policy applies.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{title}: {detail}")]
pub struct ActivityError {
    kind: &'static str,
    status: i64,
    title: String,
    detail: String,
    fatal: bool,
}

impl ActivityError {
    /// A failure that another attempt may heal: a `runtime` error, status 500, until told otherwise.
    pub fn retry(detail: impl Into<String>) -> Self {
        Self {
            kind: "runtime",
            status: 500,
            title: "Activity failed".into(),
            detail: detail.into(),
            fatal: false,
        }
    }

    /// A failure that no further attempt can heal: a `runtime` error, status 500, until told otherwise.
    pub fn fail(detail: impl Into<String>) -> Self {
        Self {
            fatal: true,
            ..Self::retry(detail)
        }
    }

    /// A short name of what went wrong, the same for every occurrence (RFC 9457 `title`).
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The standard error it is: `communication`, `timeout`, `validation`, `authentication`, … and its status.
    pub fn kind(mut self, kind: &'static str, status: i64) -> Self {
        self.kind = kind;
        self.status = status;
        self
    }

    /// The given input does not fit: `validation`, 400, and the same input never will.
    pub(crate) fn invalid_input(detail: impl Into<String>) -> Self {
        Self::fail(detail)
            .title("Input does not fit the activity")
            .kind("validation", 400)
    }

    /// The activity was told to stop before it was done.
    pub fn cancelled() -> Self {
        Self::retry("it was told to stop before it was done").title("Activity cancelled")
    }
}

impl From<ActivityError> for CallFailure {
    fn from(error: ActivityError) -> Self {
        Self {
            kind: error.kind,
            status: error.status,
            title: error.title,
            detail: error.detail,
            fatal: error.fatal,
        }
    }
}
