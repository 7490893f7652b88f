//! From state to decision.

use std::sync::Arc;

use super::{
    Action, Env, Here, Machine, Outcome,
    scope::Scope,
    state::{Attempts, Body, Phase},
    tasks::Asked,
};
use crate::{
    Entry, Micros, WorkflowError,
    journal::{Fact, Started, TaskType},
    limits,
};

/// What follows from a state.
pub(super) enum Decision {
    /// A fact, and the event to send with it.
    Record(Entry, Option<serde_json::Value>),
    /// An effect.
    Ask(Box<Asked>),
    /// Anything else from outside.
    Act(Action),
}

impl Decision {
    pub(super) fn end(outcome: Outcome) -> Self {
        Self::Act(Action::End(outcome))
    }

    pub(super) fn record(entry: Entry) -> Self {
        Self::Record(entry, None)
    }
}

impl Machine {
    /// Decides and folds until something from outside is needed.
    pub(super) fn settle(&mut self, env: &Env<'_>) -> Action {
        loop {
            match self.decide(env) {
                Decision::Act(action) => return action,
                Decision::Ask(asked) => {
                    let call = asked.call.clone();
                    self.asked = Some(asked);
                    return Action::Call(call);
                }
                Decision::Record(entry, emitted) => {
                    if let Some(detail) = self.over_limit(env) {
                        self.record(Entry::new(
                            Fact::Fault(self.error("runtime", detail, "")),
                            "",
                            env.now,
                        ));
                    } else {
                        self.record(entry);
                        self.emitted.extend(emitted);
                    }
                }
            }
        }
    }

    /// Folds an entry of our own and keeps it for the next step.
    pub(super) fn record(&mut self, mut entry: Entry) {
        if let Err(corrupt) = self.apply(&entry) {
            // Only a defect of this crate leads here: the run ends with an error instead of a loop.
            let error = self.error("runtime", corrupt.to_string(), "");
            self.state.fault = Some(error.clone());
            entry = Entry {
                path: String::new(),
                fact: Fact::Fault(error),
                ..entry
            };
        }
        self.pending.push(entry);
    }

    /// Whether entries before a call may be committed with its result: the definition gives them again after a
    /// crash, word for word but for their time, and no deadline hangs on that.
    pub(super) fn may_hold(&self, action: &Action) -> bool {
        let Action::Call(call) = action else { return false };
        let is_bare = |entry: &Entry| {
            entry.n.is_none() && matches!(&entry.fact, Fact::Started(started) if started.is_bare())
        };
        call.deadline.is_none() && self.pending.iter().all(is_bare)
    }

    /// The call the run is waiting for, if any.
    pub(super) fn open_call(&mut self, env: &Env<'_>) -> Option<Box<Asked>> {
        // A result that is here counts, however late: no deadline is judged on its way in.
        self.asked.take().or_else(|| {
            match self.decide(&Env {
                now: Micros::MIN,
                ..*env
            }) {
                Decision::Ask(asked) => Some(asked),
                _ => None,
            }
        })
    }

    fn decide(&self, env: &Env<'_>) -> Decision {
        if self.state.cancelled {
            return Decision::end(Outcome::Cancelled);
        }
        if let Some(error) = &self.state.fault {
            return Decision::end(Outcome::Faulted(error.clone()));
        }
        if self.state.frames.is_empty() {
            return self.begin(env);
        }
        if let Some(raised) = &self.state.raised {
            return self.handle(raised, env);
        }
        if self.state.is_finished(&self.definition) {
            return self.complete(env);
        }
        match self.deadlines().into_iter().next() {
            Some(deadline) if deadline.due <= env.now => Decision::record(self.fire(&deadline, env)),
            _ => self.step(env),
        }
    }

    fn over_limit(&self, env: &Env<'_>) -> Option<String> {
        if self.state.entries >= env.max_entries {
            return Some(format!(
                "the run has more than {} journal entries",
                env.max_entries
            ));
        }
        let is_over = self.state.bytes > limits::HISTORY_BYTES;
        is_over.then(|| {
            format!(
                "the run's journal holds more than {} bytes",
                limits::HISTORY_BYTES
            )
        })
    }

    /// The run begins: its input is checked and transformed, its timeout fixed.
    fn begin(&self, env: &Env<'_>) -> Decision {
        let fact = match self.beginning(env) {
            Ok(started) => Fact::Started(started),
            Err(error) => Fact::Fault(error),
        };
        Decision::record(Entry::new(fact, "", env.now))
    }

    fn beginning(&self, env: &Env<'_>) -> Result<Started, WorkflowError> {
        let definition = &self.definition;
        let scope = self.workflow_scope("/input", env);
        let input = scope.transform_input(&definition.input, &self.input)?;
        let due = definition
            .timeout
            .as_ref()
            .map(|delay| scope.delay(delay, &input))
            .transpose()?;
        Ok(Started {
            task: TaskType::Workflow,
            input: (!Arc::ptr_eq(&input, &self.input)).then_some(input),
            due: due.map(|delay| env.now.saturating_add(delay)),
            wake: None,
            items: None,
        })
    }

    /// The run completes with its transformed output.
    fn complete(&self, env: &Env<'_>) -> Decision {
        let Some(root) = self.state.frames.first() else {
            return self.broken();
        };
        let scope = Scope {
            input: Some(&root.input),
            ..self.workflow_scope("/output", env)
        };
        let output = scope.transform_output(&self.definition.output, &root.value);
        Decision::end(match output {
            Ok(output) => Outcome::Completed(Arc::unwrap_or_clone(output)),
            Err(error) => Outcome::Faulted(error),
        })
    }

    /// The next step of the innermost open task.
    fn step(&self, env: &Env<'_>) -> Decision {
        if let Some(asked) = &self.asked {
            return Decision::Ask(asked.clone());
        }
        let Some(walk) = self.state.walk(&self.definition) else {
            return self.broken();
        };
        let Some(top) = self.state.frames.last() else {
            return self.broken();
        };
        match (&top.body, walk.tasks.last()) {
            (
                Body::Wait(_)
                | Body::Try(Attempts {
                    phase: Phase::Delayed(_),
                    ..
                }),
                _,
            ) => self.park(None),
            (Body::Leaf, Some(task)) => self.leaf(&Here::open(top, task), top, env),
            _ => match walk.list.and_then(|list| list.tasks.get(top.cursor)) {
                Some(task) => self.enter(&Here::next(top, task, self.state.since), env),
                None => match walk.tasks.last() {
                    Some(task) => self.leave(&Here::open(top, task), top, env),
                    None => self.broken(),
                },
            },
        }
    }

    /// Unreachable while `apply` checks what it folds; a fault rather than a panic.
    pub(super) fn broken(&self) -> Decision {
        let detail = "the state does not fit the definition".to_owned();
        Decision::end(Outcome::Faulted(self.error("runtime", detail, "")))
    }

    /// The task that comes next or is open as a leaf.
    pub(super) fn current(&self) -> Option<Here<'_>> {
        let walk = self.state.walk(&self.definition)?;
        let top = self.state.frames.last()?;
        if let (Body::Leaf | Body::Wait(_), Some(task)) = (&top.body, walk.tasks.last()) {
            return Some(Here::open(top, task));
        }
        let task = walk.list?.tasks.get(top.cursor)?;
        Some(Here::next(top, task, self.state.since))
    }
}
