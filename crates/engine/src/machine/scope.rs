//! What an expression sees: `.`, the specification's arguments, and the variables of loops and catches around it.

use std::borrow::Cow;

use levqor_expressions::Expression;
use levqor_workflow::model::{Delay, TaskKind, Template};
use serde_json::{Map, Value, json};

use super::{
    Env, Here, Machine,
    state::{Attempts, Body, Phase},
    time::{date_time, micros},
};
use crate::{Micros, WorkflowError};

/// The variables at one place of a run.
pub(super) struct Scope<'a> {
    pub(super) machine: &'a Machine,
    pub(super) env: &'a Env<'a>,
    /// The task it belongs to; none for the workflow's own `input` and `output`.
    pub(super) here: Option<&'a Here<'a>>,
    /// Pointer for its errors.
    pub(super) pointer: &'a str,
    /// How many open tasks are around it.
    pub(super) depth: usize,
    /// `$input`.
    pub(super) input: Option<&'a Value>,
    /// `$output` and `$task.output`.
    pub(super) output: Option<&'a Value>,
    /// A variable of this place alone: `$event`, `$error`, the item and index of the next iteration.
    pub(super) local: Vec<(&'a str, Value)>,
}

/// Whether jq takes it as true.
pub(super) fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

impl<'a> Scope<'a> {
    /// The result of an expression, or an `expression` error.
    pub(super) fn evaluate(&self, expression: &Expression, dot: &Value) -> Result<Value, WorkflowError> {
        let values: Vec<(&str, Cow<'_, Value>)> = expression
            .variables()
            .filter_map(|name| Some((name, self.variable(name)?)))
            .collect();
        let variables: Vec<(&str, &Value)> = values.iter().map(|(name, value)| (*name, &**value)).collect();
        let result = self.env.evaluator.evaluate(expression, dot, &variables);
        result.map_err(|error| self.error("expression", error.to_string()))
    }

    /// Whether an expression holds; true without one.
    pub(super) fn holds(&self, expression: Option<&Expression>, dot: &Value) -> Result<bool, WorkflowError> {
        expression.map_or(Ok(true), |expression| {
            Ok(truthy(&self.evaluate(expression, dot)?))
        })
    }

    /// A template with its expressions evaluated. Results are data: an expression in one is not evaluated again.
    pub(super) fn render(&self, template: &Template, dot: &Value) -> Result<Value, WorkflowError> {
        match template {
            Template::Literal(value) => Ok(value.clone()),
            Template::Expression(expression) => self.evaluate(expression, dot),
            Template::Array(items) => items
                .iter()
                .map(|item| self.render(item, dot))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Template::Object(members) => members
                .iter()
                .map(|(key, member)| Ok((key.clone(), self.render(member, dot)?)))
                .collect::<Result<Map<_, _>, _>>()
                .map(Value::Object),
        }
    }

    /// A duration in microseconds.
    pub(super) fn delay(&self, delay: &Delay, dot: &Value) -> Result<Micros, WorkflowError> {
        match delay {
            Delay::Fixed(duration) => Ok(micros(*duration)),
            Delay::Computed(expression) => {
                let value = self.evaluate(expression, dot)?;
                let duration = levqor_workflow::duration::from_value(&value);
                duration
                    .map(micros)
                    .map_err(|reason| self.error("expression", reason))
            }
        }
    }

    /// A standard error at this place.
    pub(super) fn error(&self, kind: &str, detail: String) -> WorkflowError {
        self.machine.error(kind, detail, self.pointer)
    }

    /// The same place, with its raw output known.
    pub(super) fn with_output(self, output: &'a Value) -> Self {
        Self {
            output: Some(output),
            ..self
        }
    }

    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        if let Some((_, value)) = self.local.iter().rev().find(|(local, _)| *local == name) {
            return Some(Cow::Borrowed(value));
        }
        match name {
            "context" => Some(Cow::Borrowed(&*self.machine.state.context)),
            "input" => self.input.map(Cow::Borrowed),
            "output" => self.output.map(Cow::Borrowed),
            "task" => self.here.map(|here| Cow::Owned(self.task(here))),
            "workflow" => Some(Cow::Borrowed(self.machine.workflow_variable())),
            "runtime" => Some(Cow::Owned(runtime())),
            _ => self.around(name),
        }
    }

    /// A variable of a loop or catch around it, the innermost first.
    fn around(&self, name: &str) -> Option<Cow<'_, Value>> {
        let machine = self.machine;
        let tasks = machine.state.walk(&machine.definition)?.tasks;
        let frames = machine.state.frames.get(1..self.depth.max(1)).unwrap_or_default();
        frames
            .iter()
            .zip(tasks)
            .rev()
            .find_map(|(frame, task)| match (&frame.body, &task.kind) {
                (
                    Body::For {
                        items,
                        index: Some(index),
                    },
                    TaskKind::For(task),
                ) if task.each == name => items.get(*index).map(Cow::Borrowed),
                (
                    Body::For {
                        index: Some(index), ..
                    },
                    TaskKind::For(task),
                ) if task.at == name => Some(Cow::Owned(json!(index))),
                (
                    Body::Try(Attempts {
                        phase: Phase::Catching(error),
                        ..
                    }),
                    TaskKind::Try(task),
                ) if task.r#as == name => Some(Cow::Borrowed(error)),
                _ => None,
            })
    }

    fn task(&self, here: &Here<'_>) -> Value {
        json!({
            "name": &*here.task.name,
            "reference": &*here.task.pointer,
            "definition": &*here.task.definition,
            "input": &*here.raw,
            "output": self.output,
            "startedAt": date_time(here.started_at),
        })
    }
}

fn runtime() -> Value {
    json!({ "name": "levqor", "version": env!("CARGO_PKG_VERSION"), "metadata": {} })
}
