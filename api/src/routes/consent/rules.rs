//! What members of these requests must be, beyond their types.

use levqor_accounts::Email;
use levqor_consent::Scope;

pub(super) use crate::body::{line, text};
use crate::error::{Code, Problem};

/// A member that is not of its form. `pointer` begins with a slash.
pub(super) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidMember, detail).at(pointer)
}

/// An e-mail address.
pub(super) fn email(pointer: &str, text: &str) -> Result<Email, Problem> {
    Email::parse(text).map_err(|error| invalid(pointer, format!("{error}.")))
}

/// The name of a list.
pub(super) fn scope(text: &str) -> Result<Scope, Problem> {
    Scope::parse(text).map_err(|error| invalid("/scope", format!("{error}.")))
}
