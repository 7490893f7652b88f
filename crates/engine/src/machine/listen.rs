//! `listen` to one event: the store matches the literals, the rest of the filter is evaluated here.

use std::sync::Arc;

use levqor_workflow::model::{EventMatch, EventRead, Listen, TaskKind};
use serde_json::{Map, Value, json};

use super::{
    Env, Here, Machine, Subscription, advance::Decision, data_flow::Finish, scope::Scope, state::Body,
};
use crate::{
    Entry, WorkflowError,
    journal::{Fact, Taken},
    limits,
};

impl Machine {
    /// Takes the oldest kept event that matches, or waits for one.
    pub(super) fn listen(
        &self,
        here: &Here<'_>,
        listen: &Listen,
        input: &Value,
        env: &Env<'_>,
    ) -> Result<Decision, WorkflowError> {
        for (n, event) in &self.state.kept {
            if let Some(keys) = self.matches(here, listen, input, event, env) {
                let taken = Taken { kept: Some(*n), keys };
                return self
                    .take(here, listen, input, (event, taken), env)
                    .map(Decision::record);
            }
        }
        Ok(self.park(Some(subscription(listen))))
    }

    /// An event came: taken if the run listens and it matches, kept if the run does not listen.
    pub(super) fn on_event(&self, event: Value, env: &Env<'_>) -> Entry {
        let is_over = self.state.is_over(&self.definition);
        // One that could not be journaled must not fault a run that only listens to its kind.
        if is_over || limits::measure(&event, limits::VALUE_DEPTH - 1).is_none() {
            return Entry::new(Fact::Ignored, "", env.now);
        }
        if let (Some(here), Some(frame)) = (self.current(), self.state.frames.last())
            && let (TaskKind::Listen(listen), Body::Leaf) = (&here.task.kind, &frame.body)
        {
            let Some(keys) = self.matches(&here, listen, &frame.input, &event, env) else {
                return Entry::new(Fact::Ignored, "", env.now);
            };
            let taken = Taken { kept: None, keys };
            return self
                .take(&here, listen, &frame.input, (&event, taken), env)
                .unwrap_or_else(|error| here.failed(error.into(), None, env.now));
        }
        let has_room = self.state.kept.len() < limits::KEPT_EVENTS;
        let fact = if has_room {
            Fact::Kept(Arc::new(event))
        } else {
            Fact::Ignored
        };
        Entry::new(fact, "", env.now)
    }

    /// The task's output is an array of the one event.
    fn take(
        &self,
        here: &Here<'_>,
        listen: &Listen,
        input: &Value,
        (event, taken): (&Value, Taken),
        env: &Env<'_>,
    ) -> Result<Entry, WorkflowError> {
        let read = match listen.read {
            EventRead::Envelope => event.clone(),
            EventRead::Data | EventRead::Raw => event.get("data").cloned().unwrap_or_default(),
        };
        let finish = Finish::plain(here, input, Arc::new(json!([read])));
        self.finish(
            here,
            Finish {
                taken: Some(taken),
                ..finish
            },
            env,
        )
    }

    /// Correlation values this event fixes, when it matches. A filter that fails on an event does not match it:
    /// otherwise whoever may send events could fault the run.
    fn matches(
        &self,
        here: &Here<'_>,
        listen: &Listen,
        input: &Value,
        event: &Value,
        env: &Env<'_>,
    ) -> Option<Map<String, Value>> {
        let mut scope = self.scope(here, input, env);
        scope.local = vec![("event", event.clone())];
        let is_match = |(name, expected): &(String, EventMatch)| attribute(&scope, event.get(name), expected);
        if listen.with.iter().all(is_match) {
            self.correlate(&scope, listen, input, event)
        } else {
            None
        }
    }

    /// `from` is evaluated on the event, `expect` on the task's input. Without `expect` the run's first event with
    /// this key fixes its value.
    fn correlate(
        &self,
        scope: &Scope<'_>,
        listen: &Listen,
        input: &Value,
        event: &Value,
    ) -> Option<Map<String, Value>> {
        let mut fixed = Map::new();
        for (key, from, expect) in &listen.correlate {
            let value = scope
                .evaluate(from, event)
                .ok()
                .filter(|value| !value.is_null())?;
            let expected = match expect {
                Some(expect) => Some(scope.render(expect, input).ok()?),
                None => self.state.keys.get(key).cloned(),
            };
            match expected {
                Some(expected) if expected != value => return None,
                Some(_) => {}
                None => {
                    fixed.insert(key.clone(), value);
                }
            }
        }
        Some(fixed)
    }
}

/// Whether an attribute is what it must be. An expression says yes or no, or gives the value it must equal.
fn attribute(scope: &Scope<'_>, value: Option<&Value>, expected: &EventMatch) -> bool {
    match expected {
        EventMatch::Literal(expected) => value == Some(expected),
        EventMatch::Expression(expression) => {
            match scope.evaluate(expression, value.unwrap_or(&Value::Null)) {
                Ok(Value::Bool(is_match)) => is_match,
                Ok(expected) => value == Some(&expected),
                Err(_) => false,
            }
        }
    }
}

fn subscription(listen: &Listen) -> Subscription {
    let literal = |name: &str| {
        listen
            .with
            .iter()
            .find_map(|(attribute, expected)| match expected {
                EventMatch::Literal(Value::String(text)) if attribute == name => Some(text.clone()),
                _ => None,
            })
    };
    Subscription {
        event_type: literal("type"),
        source: literal("source"),
    }
}
