//! jq expressions in a sandbox: a fast path in this process for plain paths, literals and comparisons,
//! a helper process of the same binary for everything else.
//!
//! The dialect is that of jaq 3 without what would make a result depend on anything but its input: no environment,
//! clock, local time, input stream, modules, output or exit. A computed number without fraction is an integer, as in jq.

mod error;
mod evaluator;
mod fast;
mod frame;
mod interpret;
mod library;
mod pool;
mod process;
mod program;
mod render;
mod serve;
mod stack;
#[cfg(feature = "unconfined")]
mod unconfined;

pub use error::ExpressionError;
pub use evaluator::{Evaluator, HelperCommand, Options, Stats};
pub use serve::helper_main;
#[cfg(feature = "unconfined")]
pub use unconfined::Unconfined;

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::program::Program;

/// A jq program that has passed the checks of [`Expression::parse`].
#[derive(Clone)]
pub struct Expression {
    program: Arc<Program>,
}

impl Expression {
    /// Checks `source`: the text inside `${ … }`, or a bare expression. At most 8 KiB, brackets at most 64 deep; a
    /// syntax error or an unknown filter is reported with its line and column. A variable that nobody binds in the
    /// text is taken from the [`Variables`] of each evaluation.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        program::parse(source).map(|program| Self {
            program: Arc::new(program),
        })
    }

    /// The text it was made from.
    pub fn source(&self) -> &str {
        &self.program.source
    }

    /// The variables it reads, by name without `$`, in alphabetical order.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.program.variables.iter().map(|name| &**name)
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source()).finish()
    }
}

/// Variables by name without `$`: `context`, `input`, `output`, `task`, `workflow`, `runtime`, `item`, `error`, …
pub type Variables<'a> = [(&'a str, &'a Value)];

/// Evaluates expressions. The engine calls it; what stands behind may block for the sandbox's time limit.
pub trait Evaluate: Send + Sync {
    /// One JSON value: no output is null; several outputs, NaN or Infinity are an error.
    fn evaluate(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Result<Value, ExpressionError>;

    /// The same without blocking, when it can be done; None otherwise. Callers in an asynchronous runtime try this first.
    fn evaluate_in_place(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Option<Result<Value, ExpressionError>> {
        let _ = (expression, input, variables);
        None
    }
}
