//! What the API says of runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Kind;

/// A run's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Ready for a worker.
    Pending,
    /// A worker has it.
    Running,
    /// For a timer or an event.
    Waiting,
    /// Held back.
    Suspended,
    /// Ended by request.
    Cancelled,
    /// Ended by an error.
    Faulted,
    /// Ended by itself.
    Completed,
}

impl State {
    /// As answers name it.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(Value::String(name.to_owned())).ok()
    }

    /// Nothing more happens to it.
    pub fn ended(self) -> bool {
        matches!(self, Self::Cancelled | Self::Faulted | Self::Completed)
    }
}

/// A run as the API shows it at the end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Which of our workflows.
    pub kind: Kind,
    /// Name of the workflow.
    pub workflow: String,
    /// Its state.
    pub state: State,
    /// How often a worker has taken it.
    pub attempts: i64,
    /// When it was accepted.
    pub created_at: i64,
    /// Not to be started before; of a tick: when it was due.
    pub run_at: Option<i64>,
    /// When a worker first took it.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// The member `op` of its input; None when the input was not read.
    pub op: Option<String>,
    /// Its output, when it was read.
    pub output: Option<Value>,
    /// Why it faulted.
    pub error: Option<Value>,
}

/// A step of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// From 1.
    pub number: u64,
    /// Path of execution.
    pub path: String,
    /// Kind of task.
    pub task: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// `completed`, `faulted`, `retried`, `skipped`, `running`, `waiting` or `cancelled`.
    pub state: String,
    /// What it gave.
    pub output: Option<Value>,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it was over.
    pub ended_at: Option<i64>,
}

/// A run seen ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sighting {
    /// The run.
    pub run: String,
    /// When it was seen so.
    pub at: u64,
    /// How it had ended.
    pub state: State,
    /// When, as the answer said.
    pub ended_at: Option<i64>,
}

/// A journal as it was read once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// The run.
    pub run: String,
    /// When.
    pub at: u64,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A schedule that was stored, and later taken away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// Name of the workflow.
    pub workflow: String,
    /// Microseconds between due times.
    pub period: i64,
    /// Due at multiples of the period since 1970, as a cron expression says; else counted from the first.
    pub anchored: bool,
    /// When it was stored, on the store's clock.
    pub since: i64,
    /// Ticks due up to here must have been started; those later may have been.
    pub until: i64,
}
