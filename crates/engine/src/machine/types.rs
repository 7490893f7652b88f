//! What goes in and out of the machine.

use levqor_expressions::Evaluate;
use serde_json::Value;

use crate::{Entry, Micros, WorkflowError};

/// What the machine needs to know of its run.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Run id, as text.
    pub id: String,
    /// Raw input; null is taken as an empty object.
    pub input: Value,
    /// When it was accepted.
    pub created_at: Micros,
}

/// What comes in from outside at each call: nothing in the engine reads a clock or a random source.
#[derive(Clone, Copy)]
pub struct Env<'a> {
    /// jq.
    pub evaluator: &'a dyn Evaluate,
    /// The store's clock.
    pub now: Micros,
    /// Any number; decides jitter. Journaled where it mattered.
    pub random: u64,
    /// Most journal entries of a run before it faults (loops without end).
    pub max_entries: usize,
}

/// What to do: commit `entries`, send `emitted`, then perform `action`.
#[derive(Clone, Debug)]
pub struct Step {
    /// New entries since the last step, in order; already folded into the machine. Before a call, entries that the
    /// definition gives again after a crash are held back and come with the call's result.
    pub entries: Vec<Entry>,
    /// CloudEvents to put into the outbox with the entries.
    pub emitted: Vec<Value>,
    /// What comes next.
    pub action: Action,
}

/// What the machine wants from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// An effect; its result goes to [`crate::Machine::call_result`]. Asked again after a replay, with the same key.
    Call(Call),
    /// Nothing to do until a timer or an event: give the worker back.
    Park {
        /// All timers that matter now (the wait itself, retry delay, timeouts around it), the nearest first.
        timers: Vec<Timer>,
        /// What it listens to.
        subscription: Option<Subscription>,
    },
    /// The end.
    End(Outcome),
}

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Execution path, unique in the run, attempt included.
    pub path: String,
    /// `<run>:<path without attempt numbers>`: the same over crashes and retries.
    pub idempotency_key: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// The nearest timeout around it; when it passes, cancel the effect and call [`crate::Machine::time_out`].
    pub deadline: Option<Micros>,
    /// What to do.
    pub kind: CallKind,
}

/// Which effect.
#[derive(Clone, Debug, PartialEq)]
pub enum CallKind {
    /// `call: http`.
    Http(HttpRequest),
    /// `call: <activity>`.
    Activity {
        /// Registered name.
        name: String,
        /// Evaluated `with`.
        input: Value,
    },
}

/// An HTTP request with everything evaluated. The result is `{request: {method, uri, headers}, statusCode, headers,
/// content, raw}` for every status that was received: the machine decides what is an error and what is the output.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRequest {
    /// Upper case.
    pub method: String,
    /// Absolute.
    pub uri: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// Names and values, to be added to the URI.
    pub query: Vec<(String, String)>,
    /// JSON body, if any; a string is sent as it is when a content-type other than JSON is among the headers.
    pub body: Option<Value>,
    /// Follow redirects.
    pub redirect: bool,
    /// The caller wants the body as base64 in `raw` and not in `content`.
    pub raw: bool,
}

/// A timer to arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    /// When.
    pub due: Micros,
    /// `{"timer": "wait" | "retry" | "timeout", "path": …}`; comes back in [`crate::InboxItemKind::Timer`].
    pub body: Value,
}

/// The literals of what a run listens to; the rest of the filter is evaluated when the event is folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Event type.
    pub event_type: Option<String>,
    /// Event source.
    pub source: Option<String>,
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With its output.
    Completed(Value),
    /// With an error.
    Faulted(WorkflowError),
    /// By request.
    Cancelled,
}
