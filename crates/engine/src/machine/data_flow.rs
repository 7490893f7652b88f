//! The data flow around a task: raw input -> `input` -> body -> `output` -> `export` (specification, "Data Flow").

use std::sync::Arc;

use levqor_workflow::model::{Flow, Input, Output, Template};
use serde_json::Value;

use super::{
    Env, Here, Machine,
    errors::Failure,
    schema::{self, Refused},
    scope::Scope,
    state::Body,
};
use crate::{
    Entry, Micros, WorkflowError,
    journal::{CallRecord, Done, Fact, Failed, Next, Taken, TaskType},
    limits,
};

/// How the body of a task ended.
pub(super) struct Finish<'a> {
    /// Transformed input.
    pub(super) input: &'a Value,
    /// Raw output.
    pub(super) out: Arc<Value>,
    pub(super) flow: Flow,
    pub(super) call: Option<CallRecord>,
    pub(super) taken: Option<Taken>,
}

impl<'a> Finish<'a> {
    /// Of a task without effect, which goes on as it says.
    pub(super) fn plain(here: &Here<'_>, input: &'a Value, out: Arc<Value>) -> Self {
        Self {
            input,
            out,
            flow: here.task.then,
            call: None,
            taken: None,
        }
    }
}

impl Scope<'_> {
    /// Checks the raw input and transforms it; the same allocation when there is nothing to transform.
    pub(super) fn transform_input(
        &self,
        input: &Input,
        raw: &Arc<Value>,
    ) -> Result<Arc<Value>, WorkflowError> {
        self.check(input.schema.as_ref(), raw)?;
        self.transform(input.from.as_ref(), raw)
    }

    /// Transforms the raw output and checks the result.
    pub(super) fn transform_output(
        &self,
        output: &Output,
        raw: &Arc<Value>,
    ) -> Result<Arc<Value>, WorkflowError> {
        let transformed = self.transform(output.r#as.as_ref(), raw)?;
        self.check(output.schema.as_ref(), &transformed)?;
        Ok(transformed)
    }

    fn transform(
        &self,
        template: Option<&Template>,
        value: &Arc<Value>,
    ) -> Result<Arc<Value>, WorkflowError> {
        match template {
            None => Ok(Arc::clone(value)),
            Some(template) => self.bounded(Arc::new(self.render(template, value)?)),
        }
    }

    fn check(&self, schema: Option<&Arc<Value>>, value: &Value) -> Result<(), WorkflowError> {
        schema
            .map_or(Ok(()), |schema| schema::check(schema, value))
            .map_err(|refused| match refused {
                Refused::Schema(reason) => self.error("configuration", reason),
                Refused::Value(reason) => self.error("validation", reason),
            })
    }

    /// Refuses what could be journaled but not read again.
    pub(super) fn bounded(&self, value: Arc<Value>) -> Result<Arc<Value>, WorkflowError> {
        match limits::measure(&value, limits::VALUE_DEPTH) {
            Some(bytes) if bytes <= limits::HISTORY_BYTES => Ok(value),
            Some(_) => Err(self.error(
                "runtime",
                format!("a value has more than {} bytes", limits::HISTORY_BYTES),
            )),
            None => Err(self.error(
                "runtime",
                format!("a value is deeper than {} levels", limits::VALUE_DEPTH),
            )),
        }
    }
}

impl Machine {
    /// At the workflow's own `input` or `output`.
    pub(super) fn workflow_scope<'a>(&'a self, pointer: &'a str, env: &'a Env<'a>) -> Scope<'a> {
        Scope {
            machine: self,
            env,
            here: None,
            pointer,
            depth: 0,
            input: None,
            output: None,
            local: Vec::new(),
        }
    }

    /// At a task. Its own loop and catch variables are for its tasks, not for itself.
    pub(super) fn scope<'a>(&'a self, here: &'a Here<'a>, input: &'a Value, env: &'a Env<'a>) -> Scope<'a> {
        let frames = &self.state.frames;
        let own = frames.iter().rposition(|frame| frame.path == here.path);
        let scope = self.workflow_scope(&here.task.pointer, env);
        Scope {
            here: Some(here),
            depth: own.unwrap_or(frames.len()),
            input: Some(input),
            ..scope
        }
    }

    /// The task completed: its output transformed and checked, the context it exports, where it goes on.
    pub(super) fn finish(
        &self,
        here: &Here<'_>,
        finish: Finish<'_>,
        env: &Env<'_>,
    ) -> Result<Entry, WorkflowError> {
        let Finish {
            input,
            out: raw,
            flow,
            call,
            taken,
        } = finish;
        let task = here.task;
        let scope = self.scope(here, input, env).with_output(&raw);
        let out = scope.transform_output(&task.output, &raw)?;
        let out = if self.is_unchanged(here, &out) {
            None
        } else {
            Some(scope.bounded(out)?)
        };
        let context = self.export(here, input, out.as_ref().unwrap_or(&raw), env)?;
        let done = Done {
            task: TaskType::of(&task.kind),
            out,
            context,
            next: Next::of(flow),
            call,
            taken,
        };
        Ok(Entry::new(Fact::Done(Box::new(done)), &here.path, env.now))
    }

    fn export(
        &self,
        here: &Here<'_>,
        input: &Value,
        out: &Arc<Value>,
        env: &Env<'_>,
    ) -> Result<Option<Arc<Value>>, WorkflowError> {
        let export = &here.task.export;
        if export.r#as.is_none() && export.schema.is_none() {
            return Ok(None);
        }
        let scope = self.scope(here, input, env).with_output(out);
        let context = scope.transform_output(
            export,
            if export.r#as.is_some() {
                out
            } else {
                &self.state.context
            },
        )?;
        Ok(export.r#as.is_some().then_some(context))
    }

    /// Whether the fold finds this output itself: see [`Done::out`].
    fn is_unchanged(&self, here: &Here<'_>, out: &Arc<Value>) -> bool {
        let frame = self.state.frames.iter().rfind(|frame| frame.path == here.path);
        let unchanged = match frame {
            Some(frame) if !matches!(frame.body, Body::Leaf | Body::Wait(_)) => &frame.value,
            _ => &here.raw,
        };
        Arc::ptr_eq(out, unchanged)
    }
}

impl Here<'_> {
    /// The task faulted.
    pub(super) fn failed(&self, failure: Failure, call: Option<CallRecord>, at: Micros) -> Entry {
        let Failure { error, fatal } = failure;
        let failed = Failed {
            task: TaskType::of(&self.task.kind),
            error,
            fatal,
            call,
        };
        Entry::new(Fact::Failed(Box::new(failed)), &self.path, at)
    }
}
