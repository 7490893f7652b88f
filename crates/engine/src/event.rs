//! What comes in from outside: results of calls and rows of the inbox.

use serde_json::Value;

use crate::Micros;

/// The result of an effect the machine asked for.
#[derive(Clone, Debug)]
pub struct CallResult {
    /// When the worker began it.
    pub started_at: Micros,
    /// When it was over.
    pub ended_at: Micros,
    /// What came out.
    pub result: Result<Value, CallFailure>,
}

/// How a call failed.
#[derive(Clone, Debug)]
pub struct CallFailure {
    /// A standard error's name (`communication`, `timeout`, `runtime`, `validation`, `authentication`, …).
    pub kind: &'static str,
    /// HTTP-like status; for HTTP calls the real one.
    pub status: i64,
    /// For people.
    pub title: String,
    /// For people.
    pub detail: String,
    /// The activity said it is useless to try again: no retry policy applies.
    pub fatal: bool,
}

/// A row of the inbox, in order of `n`.
#[derive(Clone, Debug)]
pub struct InboxItem {
    /// Position.
    pub n: i32,
    /// When it was delivered.
    pub at: Micros,
    /// What it is.
    pub kind: InboxItemKind,
}

/// What an inbox row says.
#[derive(Clone, Debug)]
pub enum InboxItemKind {
    /// A timer of ours came due; its body is what [`crate::Timer::body`] was.
    Timer(Value),
    /// An event matched a subscription's literals.
    Event(Value),
    /// Somebody asked to cancel: `{"reason": …, "by": …}`.
    Cancel(Value),
}
