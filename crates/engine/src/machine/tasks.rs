//! Entering, running and leaving tasks.

use std::sync::Arc;

use levqor_workflow::model::{Case, ErrorTemplate, Flow, TaskKind, Template};
use serde_json::Value;

use super::{
    Call, CallKind, Env, Here, Machine,
    advance::Decision,
    data_flow::Finish,
    errors::Failure,
    scope::Scope,
    state::{Attempts, Body, Frame, Phase},
};
use crate::{
    CallResult, Entry, WorkflowError,
    journal::{CallRecord, Fact, Started, TaskType, attempt, key},
};

/// A call that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) call: Call,
    /// The task's transformed input.
    input: Arc<Value>,
    /// For the journal: what the call is given.
    given: Option<Arc<Value>>,
}

impl Machine {
    /// The task that comes next: skipped, done at once, asked for or started.
    pub(super) fn enter(&self, here: &Here<'_>, env: &Env<'_>) -> Decision {
        self.try_enter(here, env)
            .unwrap_or_else(|error| fault(here, error, env))
    }

    /// A started task without tasks of its own.
    pub(super) fn leaf(&self, here: &Here<'_>, frame: &Frame, env: &Env<'_>) -> Decision {
        let scope = self.scope(here, &frame.input, env);
        let decision = match &here.task.kind {
            TaskKind::Listen(listen) => self.listen(here, listen, &frame.input, env),
            _ => self.ask(here, &frame.input, &scope),
        };
        decision.unwrap_or_else(|error| fault(here, error, env))
    }

    /// A task whose list is over.
    pub(super) fn leave(&self, here: &Here<'_>, frame: &Frame, env: &Env<'_>) -> Decision {
        let flow = match (&here.task.kind, &frame.body) {
            (TaskKind::For(task), Body::For { items, index }) => {
                match self.next_iteration(here, frame, (task, items, *index), env) {
                    Ok(Some(next)) => {
                        return Decision::record(Entry::new(Fact::Iteration(next), &here.path, env.now));
                    }
                    Ok(None) => here.task.then,
                    Err(error) => return fault(here, error, env),
                }
            }
            (
                TaskKind::Try(task),
                Body::Try(Attempts {
                    phase: Phase::Catching(_),
                    ..
                }),
            ) => task.then.unwrap_or(here.task.then),
            _ => here.task.then,
        };
        let finish = Finish {
            flow,
            ..Finish::plain(here, &frame.input, Arc::clone(&frame.value))
        };
        match self.finish(here, finish, env) {
            Ok(entry) => Decision::record(entry),
            Err(error) => fault(here, error, env),
        }
    }

    fn try_enter(&self, here: &Here<'_>, env: &Env<'_>) -> Result<Decision, WorkflowError> {
        let task = here.task;
        let scope = self.scope(here, &here.raw, env);
        if scope.holds(task.condition.as_ref(), &here.raw)? {
            let input = scope.transform_input(&task.input, &here.raw)?;
            return self.run(here, &input, env);
        }
        let skipped = Fact::Skipped(TaskType::of(&task.kind));
        Ok(Decision::record(Entry::new(skipped, &here.path, env.now)))
    }

    fn run(&self, here: &Here<'_>, input: &Arc<Value>, env: &Env<'_>) -> Result<Decision, WorkflowError> {
        let scope = self.scope(here, input, env);
        match &here.task.kind {
            TaskKind::Http(_) | TaskKind::Activity { .. } if here.task.timeout.is_none() => {
                self.ask(here, input, &scope)
            }
            TaskKind::Do(_)
            | TaskKind::Try(_)
            | TaskKind::Listen(_)
            | TaskKind::Http(_)
            | TaskKind::Activity { .. } => start(here, input, &scope, |_| {}),
            TaskKind::For(task) => {
                let items = scope.collection(&task.r#in, input)?;
                start(here, input, &scope, |started| started.items = Some(items))
            }
            TaskKind::Wait(delay) => match scope.delay(delay, input)? {
                0 => self.done(here, input, Arc::clone(input), env),
                delay => {
                    let wake = env.now.saturating_add(delay);
                    start(here, input, &scope, |started| started.wake = Some(wake))
                }
            },
            TaskKind::Set(template) => self.done(here, input, Arc::new(scope.render(template, input)?), env),
            TaskKind::Switch(cases) => {
                let flow = choose(cases, &scope, input)?.unwrap_or(here.task.then);
                let finish = Finish::plain(here, input, Arc::clone(input));
                self.finish(here, Finish { flow, ..finish }, env)
                    .map(Decision::record)
            }
            TaskKind::Raise(error) => Err(raise(error, &scope, input)?),
            TaskKind::Emit(template) => {
                let event = self.event(here, scope.render(template, input)?, &scope)?;
                let finish = Finish::plain(here, input, Arc::new(event.clone()));
                Ok(Decision::Record(self.finish(here, finish, env)?, Some(event)))
            }
        }
    }

    fn done(
        &self,
        here: &Here<'_>,
        input: &Value,
        out: Arc<Value>,
        env: &Env<'_>,
    ) -> Result<Decision, WorkflowError> {
        self.finish(here, Finish::plain(here, input, out), env)
            .map(Decision::record)
    }

    /// The effect of a call.
    fn ask(&self, here: &Here<'_>, input: &Arc<Value>, scope: &Scope<'_>) -> Result<Decision, WorkflowError> {
        let (kind, given) = match &here.task.kind {
            TaskKind::Http(http) => {
                let request = scope.request(http, input)?;
                let given = Some(request.given());
                (CallKind::Http(request), given)
            }
            TaskKind::Activity { name, with } => activity(name, scope.render(with, input)?),
            _ => return Ok(self.broken()),
        };
        let call = Call {
            path: here.path.clone(),
            idempotency_key: format!("{}:{}", self.id, key(&here.path)),
            attempt: attempt(&here.path),
            deadline: self.deadlines().first().map(|deadline| deadline.due),
            kind,
        };
        let given = given.map(|given| scope.bounded(Arc::new(given))).transpose()?;
        Ok(Decision::Ask(Box::new(Asked {
            call,
            input: Arc::clone(input),
            given,
        })))
    }

    /// What a call came to.
    pub(super) fn called(&self, asked: &Asked, result: CallResult, env: &Env<'_>) -> Entry {
        let env = &Env {
            now: result.ended_at,
            ..*env
        };
        let Some(here) = self.current().filter(|here| here.path == asked.call.path) else {
            let error = self.error("runtime", "a result without a call".to_owned(), "");
            return Entry::new(Fact::Fault(error), "", env.now);
        };
        let took = result.ended_at.saturating_sub(result.started_at).max(0);
        let call = Some(CallRecord {
            took,
            input: asked.given.clone(),
        });
        let completed = self.output_of(&here, result.result).and_then(|out| {
            let finish = Finish {
                call: call.clone(),
                ..Finish::plain(&here, &asked.input, Arc::new(out))
            };
            Ok(self.finish(&here, finish, env)?)
        });
        completed.unwrap_or_else(|failure| here.failed(failure, call, env.now))
    }

    fn output_of(
        &self,
        here: &Here<'_>,
        result: Result<Value, crate::CallFailure>,
    ) -> Result<Value, Failure> {
        let pointer = &here.task.pointer;
        match (result, &here.task.kind) {
            (Ok(response), TaskKind::Http(http)) => Ok(self.response(http, response, pointer)?),
            (Ok(output), _) => Ok(output),
            (Err(failure), _) => Err(self.call_failure(failure, pointer)),
        }
    }
}

fn fault(here: &Here<'_>, error: WorkflowError, env: &Env<'_>) -> Decision {
    Decision::record(here.failed(error.into(), None, env.now))
}

/// A start, with what there is to journal of it: the transformed input, and the time its timeout passes.
fn start(
    here: &Here<'_>,
    input: &Arc<Value>,
    scope: &Scope<'_>,
    with: impl FnOnce(&mut Started),
) -> Result<Decision, WorkflowError> {
    let now = scope.env.now;
    let timeout = here
        .task
        .timeout
        .as_ref()
        .map(|delay| scope.delay(delay, input))
        .transpose()?;
    let mut started = Started {
        task: TaskType::of(&here.task.kind),
        input: (!Arc::ptr_eq(input, &here.raw)).then(|| Arc::clone(input)),
        due: timeout.map(|delay| now.saturating_add(delay)),
        wake: None,
        items: None,
    };
    with(&mut started);
    Ok(Decision::record(Entry::new(
        Fact::Started(started),
        &here.path,
        now,
    )))
}

fn activity(name: &str, input: Value) -> (CallKind, Option<Value>) {
    let is_empty = input.as_object().is_some_and(serde_json::Map::is_empty);
    let given = (!is_empty).then(|| input.clone());
    (
        CallKind::Activity {
            name: name.to_owned(),
            input,
        },
        given,
    )
}

/// Where the first case that matches goes.
fn choose(cases: &[Case], scope: &Scope<'_>, input: &Value) -> Result<Option<Flow>, WorkflowError> {
    for case in cases {
        if scope.holds(case.when.as_ref(), input)? {
            return Ok(Some(case.then));
        }
    }
    Ok(None)
}

/// The error to raise.
fn raise(error: &ErrorTemplate, scope: &Scope<'_>, input: &Value) -> Result<WorkflowError, WorkflowError> {
    let text = |what: &str, template: &Template| match scope.render(template, input)? {
        Value::String(text) => Ok(text),
        _ => Err(scope.error("expression", format!("the error's {what} is no text"))),
    };
    let status = scope.render(&error.status, input)?;
    let is_status = |status: &i64| (100..=599).contains(status);
    let status = as_integer(&status).filter(is_status);
    Ok(WorkflowError {
        r#type: text("type", &error.r#type)?,
        status: status
            .ok_or_else(|| scope.error("expression", "the error's status is not in 100..=599".to_owned()))?,
        title: error
            .title
            .as_ref()
            .map(|title| text("title", title))
            .transpose()?,
        detail: error
            .detail
            .as_ref()
            .map(|detail| text("detail", detail))
            .transpose()?,
        instance: Some(scope.pointer.to_owned()),
    })
}

/// Results of jq may come as 400.0.
fn as_integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0)?;
        format!("{float:.0}").parse().ok()
    })
}
