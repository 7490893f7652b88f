//! Entries as people see them.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::{
    entry::{CallRecord, Done, Entry, Fact, Failed, Next, Started, TaskType},
    path,
};
use crate::{Micros, WorkflowError};

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
    /// What it was given: an effect's own input, else the task's; none for what is given the run's input.
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
    let mut fold = Fold::default();
    for entry in entries {
        fold.entry(entry);
    }
    fold.uncaught();
    fold.steps
}

/// Values that flow through an open task, by its path.
#[derive(Default)]
struct Open {
    /// What it was given, if known.
    input: Option<Value>,
    /// What the next of its tasks is given, if known.
    value: Option<Value>,
}

#[derive(Default)]
struct Fold {
    steps: Vec<StepView>,
    /// Index in `steps` of those that are not over.
    running: HashMap<String, usize>,
    open: HashMap<String, Open>,
    /// What nobody has caught yet: its path, when, and why.
    raised: Option<(String, Micros, WorkflowError)>,
}

impl Fold {
    fn entry(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::Started(started) => self.started(entry, started),
            Fact::Skipped(task) => self.skipped(entry, *task),
            Fact::Done(done) => self.done(entry, done),
            Fact::Failed(failed) => self.failed(entry, failed),
            Fact::Retry { .. } => self.caught(entry, "retried", "waiting"),
            Fact::Caught => self.caught(entry, "faulted", "running"),
            Fact::Attempt(_) => self.set_state(&entry.path, "running"),
            Fact::Fault(error) => self.close("", "cancelled", entry.at, Some(error)),
            Fact::Cancelled(_) => self.close("", "cancelled", entry.at, None),
            Fact::Iteration(_) | Fact::Kept(_) | Fact::Ignored => {}
        }
    }

    fn started(&mut self, entry: &Entry, started: &Started) {
        let given = started
            .input
            .as_deref()
            .cloned()
            .or_else(|| self.given(&entry.path));
        self.open.insert(
            entry.path.clone(),
            Open {
                input: given.clone(),
                value: given.clone(),
            },
        );
        if started.task == TaskType::Workflow {
            return;
        }
        let is_waiting = matches!(started.task, TaskType::Wait | TaskType::Listen);
        let mut step = step(
            entry,
            started.task,
            if is_waiting { "waiting" } else { "running" },
        );
        step.input = given;
        step.started_at = Some(entry.at);
        step.ended_at = None;
        self.running.insert(entry.path.clone(), self.steps.len());
        self.steps.push(step);
    }

    fn skipped(&mut self, entry: &Entry, task: TaskType) {
        let given = self.given(&entry.path);
        self.steps.push(StepView {
            input: given.clone(),
            output: given,
            ..step(entry, task, "skipped")
        });
    }

    fn done(&mut self, entry: &Entry, done: &Done) {
        let inside = self.open.remove(&entry.path).and_then(|open| open.value);
        let output = match &done.out {
            Some(out) => Some((**out).clone()),
            None => inside.or_else(|| self.given(&entry.path)),
        };
        let index = self.over(entry, done.task, "completed", done.call.as_ref());
        if let Some(step) = self.steps.get_mut(index) {
            step.output.clone_from(&output);
        }
        if done.next == Some(Next::End) {
            self.close("", "completed", entry.at, None);
        }
        self.open
            .entry(path::owner(&entry.path).to_owned())
            .or_default()
            .value = output;
    }

    fn failed(&mut self, entry: &Entry, failed: &Failed) {
        self.close(&format!("{}/", entry.path), "cancelled", entry.at, None);
        self.raised = Some((entry.path.clone(), entry.at, failed.error.clone()));
        // An attempt that took too long is no step of its own; who catches it closes it.
        if !entry
            .path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.starts_with("try@"))
        {
            let index = self.over(entry, failed.task, "faulted", failed.call.as_ref());
            if let Some(step) = self.steps.get_mut(index) {
                step.error = Some(failed.error.clone());
            }
        }
    }

    /// What is still open around an error that nobody caught has failed with it.
    fn uncaught(&mut self) {
        if let Some((path, at, error)) = self.raised.take() {
            let around: Vec<String> = self
                .running
                .keys()
                .filter(|open| path.starts_with(&format!("{open}/")))
                .cloned()
                .collect();
            for open in around {
                self.close(&open, "faulted", at, Some(&error));
            }
        }
    }

    /// A `try` took an error: what is still open inside it has failed with it.
    fn caught(&mut self, entry: &Entry, failed: &str, next: &str) {
        let inside = format!("{}/", entry.path);
        let error = self.raised.take().map(|(_, _, error)| error);
        self.close(&inside, "faulted", entry.at, error.as_ref());
        let is_inside = |step: &&mut StepView| step.path.starts_with(&inside) && step.state == "faulted";
        for step in self.steps.iter_mut().filter(is_inside) {
            failed.clone_into(&mut step.state);
        }
        if let Some(open) = self.open.get_mut(&entry.path) {
            open.value.clone_from(&open.input);
        }
        self.set_state(&entry.path, next);
    }

    /// Ends a step, which may not have been journaled as started. Its index.
    fn over(&mut self, entry: &Entry, task: TaskType, state: &str, call: Option<&CallRecord>) -> usize {
        let index = self.running.remove(&entry.path).unwrap_or_else(|| {
            let input = self.given(&entry.path);
            self.steps.push(StepView {
                input,
                ..step(entry, task, state)
            });
            self.steps.len() - 1
        });
        if let Some(step) = self.steps.get_mut(index) {
            state.clone_into(&mut step.state);
            step.ended_at = Some(entry.at);
            if let Some(call) = call {
                step.input = Some(
                    call.input
                        .as_deref()
                        .cloned()
                        .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
                );
                step.started_at = Some(entry.at.saturating_sub(call.took));
            }
        }
        index
    }

    /// Ends all that is open below a path.
    fn close(&mut self, below: &str, state: &str, at: Micros, error: Option<&WorkflowError>) {
        let steps = &mut self.steps;
        self.running.retain(|path, index| {
            let is_below = path.starts_with(below);
            if let Some(step) = steps.get_mut(*index).filter(|_| is_below) {
                state.clone_into(&mut step.state);
                step.ended_at = Some(at);
                step.error = error.cloned();
            }
            !is_below
        });
        self.open
            .retain(|path, _| !path.starts_with(below) || path.is_empty());
    }

    fn set_state(&mut self, path: &str, state: &str) {
        if let Some(step) = self
            .running
            .get(path)
            .and_then(|index| self.steps.get_mut(*index))
        {
            state.clone_into(&mut step.state);
        }
    }

    /// Raw input of the task at a path, if the journal says.
    fn given(&self, path: &str) -> Option<Value> {
        self.open.get(path::owner(path))?.value.clone()
    }
}

/// A step that is over at once.
fn step(entry: &Entry, task: TaskType, state: &str) -> StepView {
    StepView {
        pointer: path::pointer(&entry.path),
        task: task.name().to_owned(),
        attempt: path::attempt(&entry.path),
        state: state.to_owned(),
        input: None,
        output: None,
        error: None,
        started_at: Some(entry.at),
        ended_at: Some(entry.at),
        path: entry.path.clone(),
    }
}
