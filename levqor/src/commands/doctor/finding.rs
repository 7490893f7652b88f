//! What a check found.

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// A feature is off, the rest works.
    Warn,
    /// This installation cannot work so.
    Fail,
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) name: &'static str,
    pub(super) state: State,
    /// What is there.
    pub(super) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<&'static str>,
}

impl Finding {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Ok,
            found: found.into(),
            action: None,
        }
    }

    pub(super) fn warn(name: &'static str, found: impl Into<String>, action: &'static str) -> Self {
        Self {
            state: State::Warn,
            action: Some(action),
            ..Self::ok(name, found)
        }
    }

    pub(super) fn fail(name: &'static str, found: impl Into<String>, action: &'static str) -> Self {
        Self {
            state: State::Fail,
            ..Self::warn(name, found, action)
        }
    }
}
