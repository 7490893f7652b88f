//! What is wrong with a document, and where.

use serde::Serialize;

use crate::{
    limits,
    tree::{Cursor, Mark},
};

/// One problem. A document can have many; all are reported, up to [`limits::PROBLEMS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable code, such as `unknown_property`, `unsupported_construct`, `invalid_expression`.
    pub code: &'static str,
    /// RFC 6901 pointer into the document.
    pub pointer: String,
    /// 1-based line of the text that was parsed; 0 when unknown.
    pub line: usize,
    /// 1-based column, in characters; 0 when unknown.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// At a value.
    pub(crate) fn at(&mut self, code: &'static str, at: Cursor<'_>, message: impl Into<String>) {
        self.push(code, at, at.mark(), message.into());
    }

    /// At a value's key, for properties that should not be there.
    pub(crate) fn at_key(&mut self, code: &'static str, at: Cursor<'_>, message: impl Into<String>) {
        self.push(code, at, at.key_mark(), message.into());
    }

    /// At a place that has no value.
    pub(crate) fn at_mark(
        &mut self,
        code: &'static str,
        pointer: String,
        mark: Mark,
        message: impl Into<String>,
    ) {
        if !self.is_full() {
            let Mark { line, column } = mark;
            self.found.push(Problem {
                code,
                pointer,
                line,
                column,
                message: message.into(),
            });
        }
    }

    /// Whether the cap is reached: further problems are dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= limits::PROBLEMS
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// In the order of the text, which is the order a person reads it in.
    pub(crate) fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found
    }

    fn push(&mut self, code: &'static str, at: Cursor<'_>, mark: Mark, message: String) {
        if !self.is_full() {
            self.at_mark(code, at.pointer(), mark, message);
        }
    }
}
