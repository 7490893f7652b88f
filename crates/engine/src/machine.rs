//! The machine: definition + journal -> what to do next.

use std::sync::Arc;

use levqor_expressions::Evaluate;
use levqor_workflow::model::Definition;
use serde_json::Value;

use crate::{CallResult, Entry, InboxItem, Micros, WorkflowError};

/// What the machine needs to know of its run.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Run id, as text.
    pub id: String,
    /// Raw input.
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
    /// Any number; decides jitter, and with the path the ids of emitted events. Journaled where it mattered.
    pub random: u64,
    /// Most journal entries of a run before it faults (loops without end).
    pub max_entries: usize,
}

/// What to do: commit `entries`, send `emitted`, then perform `action`.
#[derive(Clone, Debug)]
pub struct Step {
    /// New entries since the last step, in order; already folded into the machine.
    pub entries: Vec<Entry>,
    /// CloudEvents to put into the outbox with the entries.
    pub emitted: Vec<Value>,
    /// What comes next.
    pub action: Action,
}

/// What the machine wants from outside.
#[derive(Clone, Debug)]
pub enum Action {
    /// An effect; its result goes to [`Machine::call_result`]. Asked again after a replay, with the same key.
    Call(Call),
    /// Nothing to do until a timer or an event: give the worker back.
    Park {
        /// All timers that matter now (the wait itself, retry delay, timeouts around it).
        timers: Vec<Timer>,
        /// What it listens to.
        subscription: Option<Subscription>,
    },
    /// The end.
    End(Outcome),
}

/// An effect.
#[derive(Clone, Debug)]
pub struct Call {
    /// Execution path, unique in the run, attempt included.
    pub path: String,
    /// `<run>:<path without attempt numbers>`: the same over crashes and retries.
    pub idempotency_key: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// The nearest timeout around it; when it passes, cancel the effect and call [`Machine::time_out`].
    pub deadline: Option<Micros>,
    /// What to do.
    pub kind: CallKind,
}

/// Which effect.
#[derive(Clone, Debug)]
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
    /// Comes back in [`crate::event::InboxItemKind::Timer`].
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
#[derive(Clone, Debug)]
pub enum Outcome {
    /// With its output.
    Completed(Value),
    /// With an error.
    Faulted(WorkflowError),
    /// By request.
    Cancelled,
}

/// A run's state: the fold of its journal.
pub struct Machine {
    definition: Arc<Definition>,
    run: RunInfo,
}

impl Machine {
    /// A run that has not begun.
    pub fn new(definition: Arc<Definition>, run: RunInfo) -> Self {
        Self { definition, run }
    }

    /// Folds a committed entry; an error means the journal does not belong to this definition.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), crate::journal::Corrupt> {
        todo_machine(entry)
    }

    /// Runs pure steps until something from outside is needed. Calling it again without new input gives the same
    /// action and no entries.
    pub fn advance(&mut self, env: &Env<'_>) -> Step {
        todo_machine(env.now)
    }

    /// Takes the result of the call [`Machine::advance`] asked for. Its entries come out with the next step.
    pub fn call_result(&mut self, result: CallResult, env: &Env<'_>) {
        todo_machine((result, env.now))
    }

    /// The deadline of the running call has passed: raises `timeout` where it belongs.
    pub fn time_out(&mut self, env: &Env<'_>) {
        todo_machine(env.now)
    }

    /// Takes an inbox row; rows at or below [`Machine::inbox_folded`] are ignored, stale timers are folded without effect.
    pub fn inbox(&mut self, item: InboxItem, env: &Env<'_>) {
        todo_machine((item, env.now))
    }

    /// `n` of the last inbox row folded, 0 when none.
    pub fn inbox_folded(&self) -> i32 {
        0
    }
}
