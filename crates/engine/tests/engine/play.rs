//! A worker of one run, with scripted results, events and a clock that jumps to the next timer.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, LazyLock, Mutex},
};

use levqor_engine::{
    Action, Call, CallFailure, CallKind, CallResult, Entry, Env, HttpRequest, InboxItem, InboxItemKind,
    Machine, Micros, Outcome, RunInfo, Step, Subscription, Timer, WorkflowError, journal::Fact,
};
use levqor_expressions::{Evaluate, Expression, ExpressionError, Unconfined, Variables};
use levqor_workflow::{Known, model::Definition, parse};
use serde_json::{Value, json};

/// When every run is accepted.
pub(crate) const START: Micros = 1_763_803_200_000_000;
/// One second.
pub(crate) const SECOND: Micros = 1_000_000;
/// How long every call takes.
pub(crate) const TOOK: Micros = 1_000;

const HEADER: &str = "document: {dsl: '1.0.3', namespace: test, name: played, version: '1.0.0'}\n";

pub(crate) type Answer = Result<Value, CallFailure>;

/// jq whose results are remembered: a replay asks the same again and again, and compiling takes long.
struct Remembering;

static RESULTS: LazyLock<Mutex<HashMap<String, Result<Value, ExpressionError>>>> =
    LazyLock::new(Mutex::default);

impl Evaluate for Remembering {
    fn evaluate(
        &self,
        expression: &Expression,
        input: &Value,
        variables: &Variables<'_>,
    ) -> Result<Value, ExpressionError> {
        let key = format!("{}\n{input}\n{variables:?}", expression.source());
        if let Some(result) = RESULTS.lock().unwrap().get(&key) {
            return result.clone();
        }
        let result = Unconfined.evaluate(expression, input, variables);
        RESULTS.lock().unwrap().insert(key, result.clone());
        result
    }
}

/// A document from what follows its `document`.
pub(crate) fn definition(rest: &str) -> Arc<Definition> {
    document(&format!("{HEADER}{rest}"))
}

/// A whole document.
pub(crate) fn document(text: &str) -> Arc<Definition> {
    match parse(text.as_bytes(), &Known::default()) {
        Ok(definition) => Arc::new(definition),
        Err(problems) => panic!("{problems:#?}\n{text}"),
    }
}

pub(crate) fn failure(kind: &'static str, status: i64) -> CallFailure {
    let (title, detail) = (format!("Failed {kind}"), "scripted".to_owned());
    CallFailure {
        kind,
        status,
        title,
        detail,
        fatal: false,
    }
}

pub(crate) fn run_info(input: Value) -> RunInfo {
    RunInfo {
        id: "0197b3c2-run".to_owned(),
        input,
        created_at: START,
    }
}

pub(crate) fn env(now: Micros) -> Env<'static> {
    Env {
        evaluator: &Remembering,
        now,
        random: 0,
        max_entries: 1_000,
    }
}

pub(crate) struct Play {
    pub(crate) machine: Machine,
    pub(crate) now: Micros,
    pub(crate) random: u64,
    pub(crate) max_entries: usize,
    pub(crate) journal: Vec<Entry>,
    pub(crate) emitted: Vec<Value>,
    /// Every call asked for.
    pub(crate) calls: Vec<Call>,
    row: i32,
    answers: VecDeque<Answer>,
    events: VecDeque<Value>,
}

/// A run of a document given without its `document`.
pub(crate) fn play(rest: &str, input: Value) -> Play {
    Play::of(definition(rest), input)
}

impl Play {
    pub(crate) fn of(definition: Arc<Definition>, input: Value) -> Self {
        Self {
            machine: Machine::new(definition, run_info(input)),
            now: START,
            random: 0,
            max_entries: 1_000,
            journal: Vec::new(),
            emitted: Vec::new(),
            calls: Vec::new(),
            row: 0,
            answers: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Results of the calls in their order; after the last, null.
    pub(crate) fn answers(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.extend(answers);
        self
    }

    /// Events to come, one each time the run listens.
    pub(crate) fn events(mut self, events: impl IntoIterator<Item = Value>) -> Self {
        self.events.extend(events);
        self
    }

    pub(crate) fn env(&self) -> Env<'static> {
        Env {
            random: self.random,
            max_entries: self.max_entries,
            ..env(self.now)
        }
    }

    pub(crate) fn step(&mut self) -> Action {
        let Step {
            entries,
            emitted,
            action,
        } = self.machine.advance(&self.env());
        self.journal.extend(entries);
        self.emitted.extend(emitted);
        action
    }

    /// Steps until the run has ended, or waits for an event that is not scripted.
    pub(crate) fn run_to_end(&mut self) -> Option<Outcome> {
        loop {
            match self.step() {
                Action::End(outcome) => return Some(outcome),
                Action::Call(call) => {
                    self.calls.push(call);
                    let answer = self.answers.pop_front().unwrap_or(Ok(Value::Null));
                    self.answer(answer);
                }
                Action::Park { timers, subscription } => {
                    if let (Some(_), Some(event)) = (subscription, self.events.pop_front()) {
                        self.inbox(InboxItemKind::Event(event));
                    } else {
                        let timer = timers.into_iter().next()?;
                        self.fire(timer);
                    }
                }
            }
        }
    }

    pub(crate) fn answer(&mut self, result: Answer) {
        let started_at = self.now;
        self.now += TOOK;
        let result = CallResult {
            started_at,
            ended_at: self.now,
            result,
        };
        self.machine.call_result(result, &self.env());
    }

    pub(crate) fn fire(&mut self, timer: Timer) {
        self.now = self.now.max(timer.due);
        self.inbox(InboxItemKind::Timer(timer.body));
    }

    pub(crate) fn inbox(&mut self, kind: InboxItemKind) {
        self.row += 1;
        self.machine.inbox(
            InboxItem {
                n: self.row,
                at: self.now,
                kind,
            },
            &self.env(),
        );
    }

    /// The output of a run that must complete.
    pub(crate) fn output(&mut self) -> Value {
        match self.run_to_end() {
            Some(Outcome::Completed(output)) => output,
            other => panic!("not completed: {other:?}"),
        }
    }

    /// The error of a run that must fault.
    pub(crate) fn error(&mut self) -> WorkflowError {
        match self.run_to_end() {
            Some(Outcome::Faulted(error)) => error,
            other => panic!("not faulted: {other:?}"),
        }
    }

    /// The call it must ask for now.
    pub(crate) fn call(&mut self) -> Call {
        match self.step() {
            Action::Call(call) => call,
            other => panic!("no call: {other:?}"),
        }
    }

    /// The request it must ask for now.
    pub(crate) fn request(&mut self) -> HttpRequest {
        match self.call().kind {
            CallKind::Http(request) => request,
            other @ CallKind::Activity { .. } => panic!("no request: {other:?}"),
        }
    }

    /// What it must wait for now.
    pub(crate) fn parked(&mut self) -> (Vec<Timer>, Option<Subscription>) {
        match self.step() {
            Action::Park { timers, subscription } => (timers, subscription),
            other => panic!("not parked: {other:?}"),
        }
    }

    /// The journal in short: what happened where.
    pub(crate) fn trace(&self) -> Vec<String> {
        self.journal.iter().map(short).collect()
    }

    /// Paths of the calls asked for.
    pub(crate) fn called(&self) -> Vec<&str> {
        self.calls.iter().map(|call| call.path.as_str()).collect()
    }
}

pub(crate) fn short(entry: &Entry) -> String {
    let fact = match &entry.fact {
        Fact::Started(_) => "started",
        Fact::Skipped(_) => "skipped",
        Fact::Iteration(_) => "iteration",
        Fact::Done(_) => "done",
        Fact::Failed(_) => "failed",
        Fact::Retry { .. } => "retry",
        Fact::Attempt(_) => "attempt",
        Fact::Caught => "caught",
        Fact::Fault(_) => "fault",
        Fact::Kept(_) => "kept",
        Fact::Ignored => "ignored",
        Fact::Cancelled(_) => "cancelled",
    };
    format!("{fact} {}", entry.path).trim_end().to_owned()
}

/// The last segment of an error's type.
pub(crate) fn kind(error: &WorkflowError) -> &str {
    error.r#type.rsplit('/').next().unwrap()
}

pub(crate) fn event(r#type: &str, data: &Value) -> Value {
    json!({"specversion": "1.0", "id": "e-1", "source": "/shop", "type": r#type, "data": data})
}
