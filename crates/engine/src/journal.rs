//! Journal entries and their fold into what people see.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Micros, WorkflowError};

/// One journaled fact. Rows of the store hold a JSON array of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Execution path: the task's pointer with dynamic segments (iteration, attempt, visit).
    pub path: String,
    /// When, on the store's clock.
    pub at: Micros,
}

/// A journal that does not fit its definition.
#[derive(Debug, thiserror::Error)]
#[error("the journal does not fit the definition at {path}: {reason}")]
pub struct Corrupt {
    /// Where.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A step as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepView {
    /// Execution path.
    pub path: String,
    /// Pointer of the task in the document.
    pub pointer: String,
    /// `set`, `http`, `activity`, `wait`, `switch`, `try`, `for`, …
    pub task: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// `completed`, `faulted`, `retried`, `skipped`, `running`, `waiting` or `cancelled`.
    pub state: String,
    /// What it was given.
    pub input: Option<Value>,
    /// What it gave.
    pub output: Option<Value>,
    /// How it failed.
    pub error: Option<WorkflowError>,
    /// When it began.
    pub started_at: Option<Micros>,
    /// When it was over.
    pub ended_at: Option<Micros>,
}

/// Steps in the order they began.
pub fn steps(entries: &[Entry]) -> Vec<StepView> {
    let _ = entries;
    Vec::new()
}
