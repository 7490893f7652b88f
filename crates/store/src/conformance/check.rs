//! How a check says what it expected. Nothing here panics: a failure is a sentence with its place.

use crate::StoreError;

/// Why a check failed: what was expected, what was seen, and the line of the suite.
#[derive(Debug)]
pub struct Failure(pub(super) String);

/// What every check answers.
pub(super) type Verdict = Result<(), Failure>;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(format!("the store answered an error: {error:?}"))
    }
}

/// Fails the check when the condition does not hold.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err($crate::conformance::check::Failure(format!(
                "line {} of {}: {}", line!(), file!(), format!($($why)+),
            )));
        }
    };
}

/// Fails the check when the two values differ, showing both.
macro_rules! ensure_eq {
    ($seen:expr, $expected:expr, $($what:tt)+) => {{
        let (seen, expected) = (&$seen, &$expected);
        if seen != expected {
            return Err($crate::conformance::check::Failure(format!(
                "line {} of {}: {}: expected {:?}, saw {:?}",
                line!(), file!(), format!($($what)+), expected, seen,
            )));
        }
    }};
}

/// The value of an `Option`, or a failed check.
macro_rules! some {
    ($option:expr, $($what:tt)+) => {
        match $option {
            Some(value) => value,
            None => {
                return Err($crate::conformance::check::Failure(format!(
                    "line {} of {}: missing: {}", line!(), file!(), format!($($what)+),
                )));
            }
        }
    };
}

pub(super) use {ensure, ensure_eq, some};
