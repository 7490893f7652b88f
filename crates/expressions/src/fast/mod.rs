//! The fast path: simple expressions evaluated in this process, over borrowed JSON.
//!
//! It gives the result that jaq gives or none at all. Whatever is an error, needs large numbers or more work than
//! [`budget`] allows is left to the helper, which has the limits and says the right sentence.

mod budget;
mod eval;
mod lower;
mod math;
mod order;

use jaq_core::ops::{Cmp, Math};
use serde_json::Value;

use crate::program::Program;

pub(crate) use lower::lower;

/// An expression of the simple kind. Each has at most one output.
#[derive(Debug)]
pub(crate) enum Node {
    /// `.`
    Input,
    /// `$name`, by its place among the program's variables.
    Variable(usize),
    /// `1`, `"a"`, `true`, `null`, …
    Literal(Value),
    /// `"… \(f) …"`
    Text(Vec<Node>),
    /// `f.a[0]?["b"]`: a head and its keys, each with whether it is optional.
    Path(Box<Node>, Vec<(Node, bool)>),
    /// `[f, g]`
    Array(Vec<Node>),
    /// `{a: f, (g): h}`
    Object(Vec<(Node, Node)>),
    /// `f == g`, `f < g`, …
    Compare(Box<Node>, Cmp, Box<Node>),
    /// `f + g`, `f - g`, …
    Math(Box<Node>, Math, Box<Node>),
    /// `f and g`
    And(Box<Node>, Box<Node>),
    /// `f or g`
    Or(Box<Node>, Box<Node>),
    /// `f // g`
    Alternative(Box<Node>, Box<Node>),
    /// `f | g`
    Pipe(Box<Node>, Box<Node>),
    /// `if f then g elif … else h end`
    If(Vec<(Node, Node)>, Box<Node>),
    /// `not`
    Not,
    /// `length`
    Length,
    /// `type`
    Type,
    /// `startswith(f)`
    StartsWith(Box<Node>),
    /// `endswith(f)`
    EndsWith(Box<Node>),
}

/// The result, or none when a helper has to find it. `variables` are the values of the program's.
pub(crate) fn evaluate(
    program: &Program,
    input: &Value,
    variables: &[&Value],
    output_bytes: usize,
) -> Option<Value> {
    eval::run(program.fast.as_ref()?, input, variables, output_bytes).ok()
}
