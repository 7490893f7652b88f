//! What is wrong with a document, and where.

use serde::Serialize;

/// One problem. A document can have many; all are reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable code, such as `unknown_property`, `unsupported_construct`, `invalid_expression`.
    pub code: &'static str,
    /// RFC 6901 pointer into the document.
    pub pointer: String,
    /// 1-based line of the text that was parsed; 0 when unknown.
    pub line: usize,
    /// 1-based column; 0 when unknown.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}
