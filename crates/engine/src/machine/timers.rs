//! Times a run waits for. Each is fixed once, by a journaled time; a timer that comes is matched by its body.

use serde_json::{Value, json};

use super::{
    Action, Env, Here, Machine, Subscription, Timer,
    advance::Decision,
    data_flow::Finish,
    state::{Attempts, Body, Phase},
};
use crate::{Entry, Micros, journal::Fact};

/// A time the run waits for.
#[derive(Clone, Debug)]
pub(super) struct Deadline {
    pub(super) due: Micros,
    kind: Kind,
    /// Of the task, or the attempt of a `try`; empty for the workflow.
    path: String,
    /// Index of its frame.
    depth: usize,
}

/// What happens then. In this order when due at once: what completes goes before what faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A `wait` is over.
    Wait,
    /// A `try` makes this attempt.
    Retry(u32),
    /// A task, or an attempt of a `try`, took too long.
    Timeout,
}

impl Deadline {
    fn timer(&self) -> Timer {
        let name = match self.kind {
            Kind::Wait => "wait",
            Kind::Retry(_) => "retry",
            Kind::Timeout => "timeout",
        };
        Timer {
            due: self.due,
            body: json!({ "timer": name, "path": self.path }),
        }
    }
}

impl Machine {
    /// All times that matter now, the nearest first, of equals the outermost.
    pub(super) fn deadlines(&self) -> Vec<Deadline> {
        let mut deadlines = Vec::new();
        for (depth, frame) in self.state.frames.iter().enumerate() {
            let mut add = |due, kind, path: String| {
                deadlines.push(Deadline {
                    due,
                    kind,
                    path,
                    depth,
                });
            };
            if let Some(due) = frame.due {
                add(due, Kind::Timeout, frame.path.clone());
            }
            match &frame.body {
                Body::Wait(due) => add(*due, Kind::Wait, frame.path.clone()),
                Body::Try(Attempts { number, phase, .. }) => {
                    let path = || format!("{}/try@{number}", frame.path);
                    match phase {
                        Phase::Trying(Some(due)) => add(*due, Kind::Timeout, path()),
                        Phase::Delayed(due) => add(*due, Kind::Retry(*number), path()),
                        Phase::Trying(None) | Phase::Catching(_) => {}
                    }
                }
                Body::Leaf | Body::Do | Body::For { .. } => {}
            }
        }
        deadlines.sort_by_key(|deadline| (deadline.due, deadline.kind));
        deadlines
    }

    /// Gives the worker back until one of the times, or an event.
    pub(super) fn park(&self, subscription: Option<Subscription>) -> Decision {
        let timers = self.deadlines().iter().map(Deadline::timer).collect();
        Decision::Act(Action::Park { timers, subscription })
    }

    /// The time has come.
    pub(super) fn fire(&self, deadline: &Deadline, env: &Env<'_>) -> Entry {
        match deadline.kind {
            Kind::Wait => self.wake(env),
            Kind::Retry(attempt) => {
                let path = self
                    .state
                    .frames
                    .get(deadline.depth)
                    .map_or("", |frame| &frame.path);
                Entry::new(Fact::Attempt(attempt), path, env.now)
            }
            Kind::Timeout => self.time_out_at(deadline, env),
        }
    }

    /// A timer of ours came. It is stale when what it was armed for is over.
    pub(super) fn on_timer(&self, body: &Value, env: &Env<'_>) -> Entry {
        let is_over = self.state.is_over(&self.definition);
        let deadlines = if is_over { Vec::new() } else { self.deadlines() };
        match deadlines.iter().find(|deadline| deadline.timer().body == *body) {
            Some(deadline) => self.fire(deadline, env),
            None => Entry::new(Fact::Ignored, "", env.now),
        }
    }

    fn wake(&self, env: &Env<'_>) -> Entry {
        let (Some(here), Some(frame)) = (self.current(), self.state.frames.last()) else {
            return Entry::new(Fact::Ignored, "", env.now);
        };
        let finish = Finish::plain(&here, &frame.input, frame.input.clone());
        self.finish(&here, finish, env)
            .unwrap_or_else(|error| here.failed(error.into(), None, env.now))
    }

    fn time_out_at(&self, deadline: &Deadline, env: &Env<'_>) -> Entry {
        let walk = self.state.walk(&self.definition);
        let task = deadline
            .depth
            .checked_sub(1)
            .and_then(|depth| walk?.tasks.get(depth).copied());
        let (Some(task), Some(frame)) = (task, self.state.frames.get(deadline.depth)) else {
            let error = self.error("timeout", "the workflow took too long".to_owned(), "/timeout");
            return Entry::new(Fact::Fault(error), "", env.now);
        };
        let here = Here {
            path: deadline.path.clone(),
            ..Here::open(frame, task)
        };
        let what = if deadline.path == frame.path {
            "task"
        } else {
            "attempt"
        };
        let error = self.error("timeout", format!("the {what} took too long"), &task.pointer);
        here.failed(error.into(), None, env.now)
    }
}
