//! An error as it is made by the code and as it is sent (RFC 9457).

use poem::{error::ResponseError, http::StatusCode};
use poem_openapi::Object;
use serde::Serialize;

use super::Code;

/// One of several things that are wrong at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
pub(crate) struct ErrorItem {
    /// What is wrong, for programs.
    pub code: String,
    /// JSON pointer (RFC 6901) into what was sent.
    pub pointer: String,
    /// 1-based line of what was sent, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// 1-based column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// What is wrong, for people.
    pub detail: String,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", .0.code.name(), .0.detail)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    detail: String,
    pointer: Option<String>,
    parameter: Option<String>,
    header: Option<&'static str>,
    position: Option<(u64, u64)>,
    errors: Vec<ErrorItem>,
    job_id: Option<String>,
    state: Option<&'static str>,
    billing_url: Option<String>,
    budget_id: Option<String>,
    resets_at: Option<String>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

impl Problem {
    /// An error with what is wrong this time.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            pointer: None,
            parameter: None,
            header: None,
            position: None,
            errors: Vec::new(),
            job_id: None,
            state: None,
            billing_url: None,
            budget_id: None,
            resets_at: None,
            retry_after: None,
            allow: None,
        }))
    }

    /// Names the member of the body.
    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// Puts the index of an item before the pointer.
    pub(crate) fn within(mut self, index: usize) -> Self {
        let inner = self.0.pointer.unwrap_or_default();
        self.0.pointer = Some(format!("/{index}{inner}"));
        self
    }

    /// Names the parameter of the path or query.
    pub(crate) fn parameter(mut self, name: impl Into<String>) -> Self {
        self.0.parameter = Some(name.into());
        self
    }

    /// Names the header.
    pub(crate) fn header(mut self, name: &'static str) -> Self {
        self.0.header = Some(name);
        self
    }

    /// Names the place in the text, both from 1.
    pub(crate) fn position(mut self, line: u64, column: u64) -> Self {
        self.0.position = Some((line, column));
        self
    }

    /// Lists everything that is wrong.
    pub(crate) fn errors(mut self, errors: Vec<ErrorItem>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Names a run.
    pub(crate) fn job(mut self, id: impl std::fmt::Display) -> Self {
        self.0.job_id = Some(id.to_string());
        self
    }

    /// Names the state a run is in.
    pub(crate) fn state(mut self, state: &'static str) -> Self {
        self.0.state = Some(state);
        self
    }

    /// Names the page on which a bill is paid.
    pub(crate) fn billing_url(mut self, url: String) -> Self {
        self.0.billing_url = Some(url);
        self
    }

    /// Names the budget that is used up, and when it begins anew.
    pub(crate) fn budget(mut self, id: impl std::fmt::Display, resets_at: Option<String>) -> Self {
        self.0.budget_id = Some(id.to_string());
        self.0.resets_at = resets_at;
        self
    }

    /// Seconds after which it is worth trying again.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Methods the path has.
    pub(crate) fn allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// Its code.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// Value of Retry-After, in seconds.
    pub(crate) fn retry_seconds(&self) -> Option<u64> {
        self.0.retry_after
    }

    /// Value of Allow.
    pub(crate) fn allowed(&self) -> Option<&str> {
        self.0.allow.as_deref()
    }

    /// As it is sent. `base` is the server's public URL without a slash at the end, or empty.
    pub(crate) fn body(self, base: &str, request_id: &str) -> ProblemBody {
        let parts = *self.0;
        ProblemBody {
            r#type: format!("{base}/errors/{}", parts.code.name()),
            title: parts.code.title().into(),
            status: parts.code.status().as_u16(),
            detail: parts.detail,
            instance: request_id.into(),
            code: parts.code.name().into(),
            action: parts.code.action().into(),
            pointer: parts.pointer,
            parameter: parts.parameter,
            header: parts.header.map(Into::into),
            line: parts.position.map(|(line, _)| line),
            column: parts.position.map(|(_, column)| column),
            errors: (!parts.errors.is_empty()).then_some(parts.errors),
            job_id: parts.job_id,
            state: parts.state.map(Into::into),
            billing_url: parts.billing_url,
            budget_id: parts.budget_id,
            resets_at: parts.resets_at,
        }
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.code.status()
    }
}

/// A problem details object (RFC 9457).
#[derive(Clone, Debug, Serialize, Object)]
#[oai(rename = "Problem")]
pub(crate) struct ProblemBody {
    /// A page about this kind of error, on this server.
    pub r#type: String,
    /// The kind of error in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time.
    pub detail: String,
    /// The request id, also in X-Request-Id and in the server's log.
    pub instance: String,
    /// Stable code, for programs.
    pub code: String,
    /// What can be done about it.
    pub action: String,
    /// JSON pointer (RFC 6901) of the offending member of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Name of the offending parameter of the path or query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// Name of the offending header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// 1-based line of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// 1-based column of the body, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Everything that is wrong, when it can be more than one thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<ErrorItem>>,
    /// The run concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The state that run is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Page on which the overdue bill can be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_url: Option<String>,
    /// The budget that is used up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_id: Option<String>,
    /// When it begins anew (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<String>,
}
