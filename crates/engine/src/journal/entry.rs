//! What is journaled. Only what cannot be derived again from the definition, or must not be: results of
//! expressions that later steps build on, times fixed once, results of effects, and inbox rows folded.

use std::sync::Arc;

use levqor_workflow::model::{Flow, TaskKind};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{Micros, WorkflowError};

/// One journaled fact. Rows of the store hold a JSON array of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Execution path: the task's pointer with dynamic segments (iteration, attempt, visit); empty for the run.
    pub path: String,
    /// When, on the store's clock.
    pub at: Micros,
    /// The inbox row this fact folds, if it came from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<i32>,
    /// What happened.
    pub fact: Fact,
}

impl Entry {
    /// Of the machine's own deciding, not of an inbox row.
    pub(crate) fn new(fact: Fact, path: &str, at: Micros) -> Self {
        Self {
            path: path.to_owned(),
            at,
            n: None,
            fact,
        }
    }
}

/// What happened at an entry's path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// A task that takes time or has tasks of its own began.
    Started(Started),
    /// Its `if` was false; its output is its raw input.
    Skipped(TaskType),
    /// An iteration of `for` began; its index.
    Iteration(usize),
    /// A task completed.
    Done(Box<Done>),
    /// A task faulted; who catches it is decided next.
    Failed(Box<Failed>),
    /// `try` will make another attempt.
    Retry {
        /// Its number, 2 for the first retry.
        attempt: u32,
        /// When; at or before the entry's time: at once.
        due: Micros,
    },
    /// The delay before an attempt of `try` is over.
    Attempt(u32),
    /// `try` caught what was raised inside it; `catch.do` begins, if there is one.
    Caught,
    /// The run faulted and nothing may catch it.
    Fault(WorkflowError),
    /// An event came while the run was not listening; a later `listen` may take it.
    Kept(Arc<Value>),
    /// An inbox row without effect: a stale timer, an event that did not match.
    Ignored,
    /// Somebody asked to cancel, and why.
    Cancelled(Value),
}

/// A task began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// What kind of task.
    pub task: TaskType,
    /// Its transformed input, when `input.from` made it another than its raw input.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub input: Option<Arc<Value>>,
    /// When its `timeout` passes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Micros>,
    /// When its `wait` is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake: Option<Micros>,
    /// The collection of its `for`, an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Arc<Value>>,
}

impl Started {
    /// Whether it holds nothing but the fact itself, which the definition gives again after a crash.
    pub(crate) fn is_bare(&self) -> bool {
        self.input.is_none() && self.due.is_none() && self.wake.is_none() && self.items.is_none()
    }
}

/// A task completed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// What kind of task.
    pub task: TaskType,
    /// Its output; absent: its raw input, or for a task with tasks of its own the output of the last of them.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub out: Option<Arc<Value>>,
    /// The new `$context`, when it exports one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub context: Option<Arc<Value>>,
    /// Where to go, when not simply on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// The effect it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallRecord>,
    /// The event it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

/// A task faulted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// What kind of task.
    pub task: TaskType,
    /// Why.
    pub error: WorkflowError,
    /// No retry policy applies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fatal: bool,
    /// The effect it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallRecord>,
}

/// An effect that was had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRecord {
    /// How long it took, in microseconds; it was over at the entry's time.
    pub took: Micros,
    /// What it was given: an activity's `with`, an HTTP call's method, URI, query and body (headers may hold
    /// credentials). Absent: an empty object.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub input: Option<Arc<Value>>,
}

/// What `listen` took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// The inbox row of a kept event; absent: the event of this entry's own row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<i32>,
    /// Correlation values fixed by this event, for the rest of the run.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub keys: Map<String, Value>,
}

/// Where the flow goes after a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Out of the list.
    Exit,
    /// To the end of the workflow.
    End,
    /// To this task of the same list.
    Task(usize),
}

impl Next {
    /// None for [`Flow::Continue`].
    pub(crate) fn of(flow: Flow) -> Option<Self> {
        match flow {
            Flow::Continue => None,
            Flow::Exit => Some(Self::Exit),
            Flow::End => Some(Self::End),
            Flow::Task(index) => Some(Self::Task(index)),
        }
    }
}

/// What kind of task, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the specification's names")]
pub enum TaskType {
    /// The run itself.
    Workflow,
    Do,
    Set,
    /// `call: http`.
    Http,
    /// `call: <activity>`.
    Activity,
    Wait,
    Switch,
    Try,
    Raise,
    For,
    Listen,
    Emit,
}

impl TaskType {
    pub(crate) fn of(kind: &TaskKind) -> Self {
        match kind {
            TaskKind::Do(_) => Self::Do,
            TaskKind::Set(_) => Self::Set,
            TaskKind::Http(_) => Self::Http,
            TaskKind::Activity { .. } => Self::Activity,
            TaskKind::Wait(_) => Self::Wait,
            TaskKind::Switch(_) => Self::Switch,
            TaskKind::Try(_) => Self::Try,
            TaskKind::Raise(_) => Self::Raise,
            TaskKind::For(_) => Self::For,
            TaskKind::Listen(_) => Self::Listen,
            TaskKind::Emit(_) => Self::Emit,
        }
    }

    /// As in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Do => "do",
            Self::Set => "set",
            Self::Http => "http",
            Self::Activity => "activity",
            Self::Wait => "wait",
            Self::Switch => "switch",
            Self::Try => "try",
            Self::Raise => "raise",
            Self::For => "for",
            Self::Listen => "listen",
            Self::Emit => "emit",
        }
    }
}

/// A null that was written is a value, not an absence.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Arc<Value>>, D::Error> {
    Value::deserialize(from).map(|value| Some(Arc::new(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{decode, encode};

    fn noop() -> Entry {
        let call = Some(CallRecord {
            took: 153,
            input: None,
        });
        let out = Some(Arc::new(Value::Null));
        let done = Done {
            task: TaskType::Activity,
            out,
            context: None,
            next: None,
            call,
            taken: None,
        };
        let fact = Fact::Done(Box::new(done));
        Entry {
            path: "/do/0/a".to_owned(),
            at: 1_763_800_000_000_000,
            n: None,
            fact,
        }
    }

    #[test]
    fn a_null_output_survives_the_journal() {
        let entries = vec![noop()];
        assert_eq!(decode(&encode(&entries)).unwrap(), entries);
    }

    #[test]
    fn a_call_that_does_nothing_takes_few_bytes() {
        let text = String::from_utf8(encode(&[noop()])).unwrap();
        assert!(text.len() < 120, "{} bytes: {text}", text.len());
    }

    #[test]
    fn bytes_that_are_no_journal_are_corrupt() {
        assert!(decode(b"{}").is_err());
        assert!(decode(br#"[{"path":"/do/0/a","at":1,"fact":{"invented":1}}]"#).is_err());
    }
}
