//! The fold: the only place where a run's state changes, live and in replay.

use std::sync::Arc;

use levqor_workflow::model::{Definition, Task, TaskKind};
use serde_json::Value;

use super::{
    state::{Attempts, Body, Frame, PAST_END, Phase, Raised, State},
    time::micros,
};
use crate::{
    Micros, WorkflowError,
    journal::{Corrupt, Done, Entry, Fact, Failed, Next, Started},
    limits,
};

type Fold<T = ()> = Result<T, &'static str>;

impl State {
    /// Folds one entry. After an error the state is not to be used.
    pub(super) fn apply(
        &mut self,
        definition: &Definition,
        input: &Arc<Value>,
        entry: &Entry,
    ) -> Result<(), Corrupt> {
        self.entries += 1;
        self.bytes = self.bytes.saturating_add(weight(&entry.fact));
        self.row(entry.n)
            .and_then(|()| self.fact(definition, input, entry))
            .map_err(|reason| Corrupt {
                path: entry.path.clone(),
                reason: reason.to_owned(),
            })
    }

    fn row(&mut self, n: Option<i32>) -> Fold {
        if let Some(n) = n {
            ensure(n > self.folded, "an inbox row is folded twice")?;
            self.folded = n;
        }
        Ok(())
    }

    fn fact(&mut self, definition: &Definition, input: &Arc<Value>, entry: &Entry) -> Fold {
        let at = entry.at;
        match &entry.fact {
            Fact::Kept(event) => self.kept.push((entry.n.unwrap_or_default(), Arc::clone(event))),
            Fact::Ignored => {}
            Fact::Cancelled(_) => self.cancelled = true,
            Fact::Fault(error) => self.fault = Some(error.clone()),
            Fact::Started(started) if entry.path.is_empty() => self.begin(input, started, at)?,
            fact => {
                self.since = at;
                self.flow(definition, &entry.path, at, fact)?;
            }
        }
        Ok(())
    }

    fn flow(&mut self, definition: &Definition, path: &str, at: Micros, fact: &Fact) -> Fold {
        match fact {
            Fact::Started(started) => self.started(definition, path, at, started),
            Fact::Skipped(_) => self.skipped(definition, path),
            Fact::Done(done) => self.done(definition, path, done),
            Fact::Failed(failed) => self.failed(definition, path, at, failed),
            Fact::Iteration(index) => self.iteration(path, *index),
            Fact::Retry { attempt, due } => self.retry(definition, path, at, (*attempt, *due)),
            Fact::Attempt(number) => self.attempt(definition, path, at, *number),
            Fact::Caught => self.caught(path),
            _ => Err("not a step of the flow"),
        }
    }

    fn begin(&mut self, raw: &Arc<Value>, started: &Started, at: Micros) -> Fold {
        ensure(self.frames.is_empty(), "the run begins twice")?;
        let input = Arc::clone(started.input.as_ref().unwrap_or(raw));
        let mut root = Frame::new(String::new(), Arc::clone(raw), input, at, Body::Do);
        root.due = started.due;
        self.frames.push(root);
        self.since = at;
        Ok(())
    }

    fn started(&mut self, definition: &Definition, path: &str, at: Micros, started: &Started) -> Fold {
        let task = self.next_task(definition, path)?;
        let body = open(task, at, started)?;
        let raw = Arc::clone(&self.top()?.value);
        let input = Arc::clone(started.input.as_ref().unwrap_or(&raw));
        let mut frame = Frame::new(path.to_owned(), raw, input, at, body);
        frame.due = started.due;
        self.frames.push(frame);
        Ok(())
    }

    fn skipped(&mut self, definition: &Definition, path: &str) -> Fold {
        self.next_task(definition, path)?;
        let value = Arc::clone(&self.top()?.value);
        self.go_on(definition, None, value)
    }

    fn done(&mut self, definition: &Definition, path: &str, done: &Done) -> Fold {
        let unchanged = if self.frames.len() > 1 && self.top()?.path == path {
            let frame = self.frames.pop().ok_or("no task is open")?;
            if matches!(frame.body, Body::Leaf | Body::Wait(_)) {
                frame.raw
            } else {
                frame.value
            }
        } else {
            self.next_task(definition, path)?;
            Arc::clone(&self.top()?.value)
        };
        if let Some(context) = &done.context {
            self.context = Arc::clone(context);
        }
        if let Some(taken) = &done.taken {
            self.keys.extend(taken.keys.clone());
            self.kept.retain(|(n, _)| Some(*n) != taken.kept);
        }
        self.go_on(definition, done.next, done.out.clone().unwrap_or(unchanged))
    }

    /// The task at the cursor is over with `value`.
    fn go_on(&mut self, definition: &Definition, next: Option<Next>, value: Arc<Value>) -> Fold {
        let tasks = self
            .walk(definition)
            .and_then(|walk| walk.list)
            .ok_or("no list is open")?
            .tasks
            .len();
        if next == Some(Next::End) {
            self.frames.truncate(1);
        }
        let frame = self.frames.last_mut().ok_or("no task is open")?;
        frame.value = value;
        frame.leave_task();
        frame.cursor = match next {
            None => frame.cursor + 1,
            Some(Next::Task(index)) if index < tasks => index,
            Some(Next::Task(_)) => return Err("no such task to go to"),
            Some(Next::Exit | Next::End) => PAST_END,
        };
        Ok(())
    }

    fn failed(&mut self, definition: &Definition, path: &str, at: Micros, failed: &Failed) -> Fold {
        if let Some(depth) = self.frames.iter().skip(1).position(|frame| frame.path == path) {
            self.frames.truncate(depth + 1);
        } else if let Some(depth) = self
            .frames
            .iter()
            .position(|frame| frame.attempt_path().as_deref() == Some(path))
        {
            self.frames.truncate(depth + 1);
        } else {
            self.next_task(definition, path)?;
        }
        self.raised = Some(Raised {
            error: failed.error.clone(),
            fatal: failed.fatal,
            at,
        });
        Ok(())
    }

    fn iteration(&mut self, path: &str, number: usize) -> Fold {
        let frame = self
            .frames
            .last_mut()
            .filter(|frame| frame.path == path)
            .ok_or("another task is open")?;
        let Body::For { index, items } = &mut frame.body else {
            return Err("not a loop");
        };
        ensure(
            number == index.map_or(0, |index| index + 1),
            "an iteration is missing",
        )?;
        ensure(number < items.as_array().map_or(0, Vec::len), "no such item")?;
        *index = Some(number);
        let value = Arc::clone(&frame.value);
        frame.rewind(value);
        Ok(())
    }

    fn retry(
        &mut self,
        definition: &Definition,
        path: &str,
        at: Micros,
        (number, due): (u32, Micros),
    ) -> Fold {
        let raised = self.catch_at(path)?;
        let longest = self.attempt_duration(definition)?;
        let (_, attempts) = self.attempts()?;
        attempts.first_failed.get_or_insert(raised.at);
        attempts.number = number;
        attempts.phase = if due <= at {
            Phase::Trying(within(at, longest))
        } else {
            Phase::Delayed(due)
        };
        Ok(())
    }

    fn attempt(&mut self, definition: &Definition, path: &str, at: Micros, number: u32) -> Fold {
        ensure(self.top()?.path == path, "another task is open")?;
        let longest = self.attempt_duration(definition)?;
        let (_, attempts) = self.attempts()?;
        let is_expected = attempts.number == number && matches!(attempts.phase, Phase::Delayed(_));
        ensure(is_expected, "not the attempt it waits for")?;
        attempts.phase = Phase::Trying(within(at, longest));
        Ok(())
    }

    fn caught(&mut self, path: &str) -> Fold {
        let raised = self.catch_at(path)?;
        let (cursor, attempts) = self.attempts()?;
        attempts.phase = Phase::Catching(raised.error.to_value());
        *cursor = 0;
        Ok(())
    }

    /// Takes what was raised, closes everything inside the `try` at `path` and puts it back to its input.
    fn catch_at(&mut self, path: &str) -> Fold<Raised> {
        let is_it = |frame: &Frame| frame.path == path && frame.attempt_path().is_some();
        let depth = self
            .frames
            .iter()
            .rposition(is_it)
            .ok_or("no such task is trying")?;
        let raised = self.raised.take().ok_or("nothing was raised")?;
        self.frames.truncate(depth + 1);
        if let Some(frame) = self.frames.last_mut() {
            frame.rewind(Arc::clone(&frame.input));
        }
        Ok(raised)
    }

    fn attempts(&mut self) -> Fold<(&mut usize, &mut Attempts)> {
        match self.frames.last_mut() {
            Some(Frame {
                cursor,
                body: Body::Try(attempts),
                ..
            }) => Ok((cursor, attempts)),
            _ => Err("not a try"),
        }
    }

    fn attempt_duration(&self, definition: &Definition) -> Fold<Option<Micros>> {
        let walk = self.walk(definition).ok_or("no such task")?;
        walk.tasks
            .last()
            .map(|task| longest_attempt(task))
            .ok_or("no task is open")
    }

    fn top(&self) -> Fold<&Frame> {
        self.frames.last().ok_or("the run has not begun")
    }

    /// The task at the cursor, which has to be the one at `path`.
    fn next_task<'d>(&self, definition: &'d Definition, path: &str) -> Fold<&'d Task> {
        let list = self
            .walk(definition)
            .and_then(|walk| walk.list)
            .ok_or("no list is open")?;
        let top = self.top()?;
        let task = list.tasks.get(top.cursor).ok_or("the list is over")?;
        ensure(top.child_path(task) == path, "another task comes next")?;
        Ok(task)
    }
}

impl Frame {
    /// The path of the attempt a `try` is making.
    pub(super) fn attempt_path(&self) -> Option<String> {
        match &self.body {
            Body::Try(Attempts {
                number,
                phase: Phase::Trying(_),
                ..
            }) => Some(format!("{}/try@{number}", self.path)),
            _ => None,
        }
    }
}

/// What a task that has just started is in the middle of.
fn open(task: &Task, at: Micros, started: &Started) -> Fold<Body> {
    match &task.kind {
        TaskKind::Do(_) => Ok(Body::Do),
        TaskKind::Http(_) | TaskKind::Activity { .. } | TaskKind::Listen(_) => Ok(Body::Leaf),
        TaskKind::Wait(_) => started.wake.map(Body::Wait).ok_or("a wait without a time"),
        TaskKind::For(_) => {
            let items = started.items.as_ref().filter(|items| items.is_array());
            Ok(Body::For {
                items: Arc::clone(items.ok_or("a loop without a collection")?),
                index: None,
            })
        }
        TaskKind::Try(_) => {
            let phase = Phase::Trying(within(at, longest_attempt(task)));
            Ok(Body::Try(Attempts {
                number: 1,
                first_failed: None,
                phase,
            }))
        }
        TaskKind::Set(_) | TaskKind::Switch(_) | TaskKind::Raise(_) | TaskKind::Emit(_) => {
            Err("a task that takes no time has started")
        }
    }
}

fn longest_attempt(task: &Task) -> Option<Micros> {
    match &task.kind {
        TaskKind::Try(task) => task.retry.as_ref()?.attempt_duration.map(micros),
        _ => None,
    }
}

fn within(at: Micros, longest: Option<Micros>) -> Option<Micros> {
    longest.map(|longest| at.saturating_add(longest))
}

fn ensure(holds: bool, otherwise: &'static str) -> Fold {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// About the bytes of the values in a fact.
fn weight(fact: &Fact) -> usize {
    let of = |value: &Option<Arc<Value>>| value.as_deref().map_or(0, weigh);
    match fact {
        Fact::Started(started) => of(&started.input) + of(&started.items),
        Fact::Done(done) => {
            of(&done.out) + of(&done.context) + done.call.as_ref().map_or(0, |call| of(&call.input))
        }
        Fact::Failed(failed) => failed.call.as_ref().map_or(0, |call| of(&call.input)),
        Fact::Kept(event) => weigh(event),
        _ => 0,
    }
}

fn weigh(value: &Value) -> usize {
    limits::measure(value, limits::VALUE_DEPTH).unwrap_or(limits::HISTORY_BYTES)
}

impl WorkflowError {
    /// As `$error`.
    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
