//! jq expressions in a sandbox: a fast path in this process for plain paths, literals and comparisons,
//! a helper process of the same binary for everything else.

mod error;

pub use error::ExpressionError;

use std::sync::Arc;

use serde_json::Value;

/// A jq program that has passed the checks of [`Expression::parse`].
#[derive(Clone, Debug)]
pub struct Expression {
    source: Arc<str>,
}

impl Expression {
    /// Checks and compiles `source`: the text inside `${ … }`, or a bare expression.
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        Ok(Self { source: source.into() })
    }

    /// The text it was made from.
    pub fn source(&self) -> &str {
        &self.source
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
}
