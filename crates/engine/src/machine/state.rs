//! A run's state: a stack of open tasks and what the whole run remembers. Only `fold` writes it.

use std::sync::Arc;

use levqor_workflow::model::{Definition, Task, TaskKind, TaskList};
use serde_json::{Map, Value};

use crate::{Micros, WorkflowError};

/// The fold of a journal.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Open tasks, the workflow itself first; empty until the run has begun.
    pub(super) frames: Vec<Frame>,
    /// `$context`.
    pub(super) context: Arc<Value>,
    /// An error nobody has caught yet.
    pub(super) raised: Option<Raised>,
    /// The error nobody may catch.
    pub(super) fault: Option<WorkflowError>,
    pub(super) cancelled: bool,
    /// `n` of the last inbox row.
    pub(super) folded: i32,
    /// When the task that comes next could begin: when the one before it was over.
    pub(super) since: Micros,
    /// Events that came while it listened to nothing.
    pub(super) kept: Vec<(i32, Arc<Value>)>,
    /// Correlation values fixed by the first event, by key.
    pub(super) keys: Map<String, Value>,
    /// Entries folded.
    pub(super) entries: usize,
    /// About the bytes of the values in them.
    pub(super) bytes: usize,
}

/// An error on its way out.
#[derive(Clone, Debug)]
pub(super) struct Raised {
    pub(super) error: WorkflowError,
    /// No retry policy applies.
    pub(super) fatal: bool,
    pub(super) at: Micros,
}

/// An open task.
#[derive(Debug)]
pub(super) struct Frame {
    /// Execution path; empty for the workflow.
    pub(super) path: String,
    /// Raw input.
    pub(super) raw: Arc<Value>,
    /// Transformed input.
    pub(super) input: Arc<Value>,
    /// Raw input of the next task of its list, or the output of the last one.
    pub(super) value: Arc<Value>,
    pub(super) started_at: Micros,
    /// When its `timeout` passes.
    pub(super) due: Option<Micros>,
    /// Index of the list's task that comes next or is open; [`PAST_END`] after the last.
    pub(super) cursor: usize,
    /// How often each task of this list was over, by index.
    visits: Vec<u32>,
    pub(super) body: Body,
}

/// A cursor behind every list.
pub(super) const PAST_END: usize = usize::MAX;

/// What an open task is in the middle of.
#[derive(Debug)]
pub(super) enum Body {
    /// A call or `listen`.
    Leaf,
    /// `wait`, until then.
    Wait(Micros),
    /// `do`, or the workflow.
    Do,
    /// `for`.
    For {
        /// An array.
        items: Arc<Value>,
        /// The iteration, none before the first.
        index: Option<usize>,
    },
    /// `try`.
    Try(Attempts),
}

/// Where a `try` stands.
#[derive(Debug)]
pub(super) struct Attempts {
    /// 1 for the first.
    pub(super) number: u32,
    pub(super) first_failed: Option<Micros>,
    pub(super) phase: Phase,
}

/// What a `try` is doing.
#[derive(Debug)]
pub(super) enum Phase {
    /// Its tasks; the attempt may take until then.
    Trying(Option<Micros>),
    /// Waiting for its next attempt, until then.
    Delayed(Micros),
    /// `catch.do`, with this `$error`.
    Catching(Value),
}

impl Frame {
    pub(super) fn new(path: String, raw: Arc<Value>, input: Arc<Value>, at: Micros, body: Body) -> Self {
        let value = Arc::clone(&input);
        // A loop's list is not open before its first iteration.
        let cursor = if matches!(body, Body::For { .. }) {
            PAST_END
        } else {
            0
        };
        Self {
            path,
            raw,
            input,
            value,
            started_at: at,
            due: None,
            cursor,
            visits: Vec::new(),
            body,
        }
    }

    /// Begins its list (again), with `value` as the first task's raw input.
    pub(super) fn rewind(&mut self, value: Arc<Value>) {
        self.value = value;
        self.cursor = 0;
        self.visits.clear();
    }

    /// Notes that the task at the cursor is over.
    pub(super) fn leave_task(&mut self) {
        if self.visits.len() <= self.cursor {
            self.visits.resize(self.cursor.saturating_add(1), 0);
        }
        if let Some(count) = self.visits.get_mut(self.cursor) {
            *count = count.saturating_add(1);
        }
    }

    /// Execution path of the list it is going through.
    fn list_path(&self) -> String {
        let path = &self.path;
        match &self.body {
            Body::For { index, .. } => format!("{path}/for/{}/do", index.unwrap_or_default()),
            Body::Try(Attempts {
                number,
                phase: Phase::Catching(_),
                ..
            }) => format!("{path}/catch@{number}/do"),
            Body::Try(Attempts { number, .. }) => format!("{path}/try@{number}"),
            Body::Leaf | Body::Wait(_) | Body::Do => format!("{path}/do"),
        }
    }

    /// Execution path of the task at the cursor.
    pub(super) fn child_path(&self, task: &Task) -> String {
        let list = self.list_path();
        let cursor = self.cursor;
        // The pointer's last segment is the name, escaped.
        let name = task.pointer.rsplit('/').next().unwrap_or_default();
        match self.visits.get(cursor) {
            None | Some(0) => format!("{list}/{cursor}/{name}"),
            Some(visits) => format!("{list}/{cursor}/{name}~{}", visits.saturating_add(1)),
        }
    }

    /// The list it is going through.
    fn list<'d>(&self, task: &'d Task) -> Option<&'d TaskList> {
        match (&task.kind, &self.body) {
            (TaskKind::Do(tasks), Body::Do) => Some(tasks),
            (TaskKind::For(task), Body::For { .. }) => Some(&task.tasks),
            (
                TaskKind::Try(task),
                Body::Try(Attempts {
                    phase: Phase::Catching(_),
                    ..
                }),
            ) => task.r#do.as_ref(),
            (TaskKind::Try(task), Body::Try(_)) => Some(&task.tasks),
            _ => None,
        }
    }
}

/// The open tasks in the definition.
pub(super) struct Walk<'d> {
    /// Of each frame but the first.
    pub(super) tasks: Vec<&'d Task>,
    /// The list the last frame goes through, if it has one.
    pub(super) list: Option<&'d TaskList>,
}

impl State {
    /// Finds the open tasks in the definition; none when it is not this run's.
    pub(super) fn walk<'d>(&self, definition: &'d Definition) -> Option<Walk<'d>> {
        let mut walk = Walk {
            tasks: Vec::new(),
            list: Some(&definition.tasks),
        };
        for (parent, frame) in self.frames.iter().zip(self.frames.iter().skip(1)) {
            let task = walk.list?.tasks.get(parent.cursor)?;
            walk.tasks.push(task);
            walk.list = frame.list(task);
        }
        Some(walk)
    }

    /// Whether nothing can happen any more but its end.
    pub(super) fn is_over(&self, definition: &Definition) -> bool {
        self.cancelled || self.fault.is_some() || self.is_finished(definition)
    }

    /// Whether the workflow's own list is over.
    pub(super) fn is_finished(&self, definition: &Definition) -> bool {
        matches!(self.frames.as_slice(), [root] if root.cursor >= definition.tasks.tasks.len())
    }
}
