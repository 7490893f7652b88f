//! The machine: definition + journal -> what to do next.

mod advance;
mod data_flow;
mod emit;
mod errors;
mod fold;
mod for_loop;
mod http;
mod listen;
mod schema;
mod scope;
mod state;
mod tasks;
mod time;
mod timers;
mod try_catch;
mod types;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use levqor_workflow::model::{Definition, Task};
use serde_json::{Value, json};

use self::{
    state::{Body, Frame, State},
    tasks::Asked,
    time::date_time,
};
use crate::{CallResult, Corrupt, Entry, InboxItem, InboxItemKind, Micros, journal::Fact};

pub use types::{Action, Call, CallKind, Env, HttpRequest, Outcome, RunInfo, Step, Subscription, Timer};

/// A run's state: the fold of its journal.
pub struct Machine {
    definition: Arc<Definition>,
    id: String,
    /// Raw input.
    input: Arc<Value>,
    created_at: Micros,
    state: State,
    /// Folded, not yet given out.
    pending: Vec<Entry>,
    emitted: Vec<Value>,
    /// The call given out last, so that it is not evaluated again; nothing that was journaled.
    asked: Option<Box<Asked>>,
    workflow: OnceLock<Value>,
}

/// A task at its place in the run.
struct Here<'d> {
    task: &'d Task,
    /// Execution path.
    path: String,
    /// Raw input.
    raw: Arc<Value>,
    started_at: Micros,
}

impl<'d> Here<'d> {
    /// An open task.
    fn open(frame: &Frame, task: &'d Task) -> Self {
        let (path, raw) = (frame.path.clone(), Arc::clone(&frame.raw));
        Self {
            task,
            path,
            raw,
            started_at: frame.started_at,
        }
    }

    /// The task at the cursor of `parent`; it begins when the one before it was over, so that it is the same time
    /// in every replay.
    fn next(parent: &Frame, task: &'d Task, since: Micros) -> Self {
        let (path, raw) = (parent.child_path(task), Arc::clone(&parent.value));
        Self {
            task,
            path,
            raw,
            started_at: since,
        }
    }
}

impl Machine {
    /// A run that has not begun.
    pub fn new(definition: Arc<Definition>, run: RunInfo) -> Self {
        let RunInfo {
            id,
            input,
            created_at,
        } = run;
        let input = Arc::new(if input.is_null() { json!({}) } else { input });
        let mut state = State {
            since: created_at,
            ..State::default()
        };
        if !needs_beginning(&definition) {
            let (raw, input) = (Arc::clone(&input), Arc::clone(&input));
            state
                .frames
                .push(Frame::new(String::new(), raw, input, created_at, Body::Do));
        }
        let (pending, emitted, asked, workflow) = (Vec::new(), Vec::new(), None, OnceLock::new());
        Self {
            definition,
            id,
            input,
            created_at,
            state,
            pending,
            emitted,
            asked,
            workflow,
        }
    }

    /// Folds a committed entry; an error means the journal does not belong to this definition.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Corrupt> {
        self.asked = None;
        self.state.apply(&self.definition, &self.input, entry)
    }

    /// Runs pure steps until something from outside is needed. Calling it again without new input gives the same
    /// action and no entries.
    pub fn advance(&mut self, env: &Env<'_>) -> Step {
        let action = self.settle(env);
        let entries = if self.may_hold(&action) {
            Vec::new()
        } else {
            std::mem::take(&mut self.pending)
        };
        Step {
            entries,
            emitted: std::mem::take(&mut self.emitted),
            action,
        }
    }

    /// Takes the result of the call [`Machine::advance`] asked for. Its entries come out with the next step. Without
    /// effect when no call is open any more: it timed out, or the run was cancelled.
    pub fn call_result(&mut self, result: CallResult, env: &Env<'_>) {
        if let Some(asked) = self.open_call(env) {
            let entry = self.called(&asked, result, env);
            self.record(entry);
        }
    }

    /// The deadline of the running call has passed: raises `timeout` where it belongs.
    pub fn time_out(&mut self, env: &Env<'_>) {
        if let Some(asked) = self.open_call(env)
            && asked.call.deadline.is_some()
            && let Some(deadline) = self.deadlines().into_iter().next()
        {
            let entry = self.fire(&deadline, env);
            self.record(entry);
        }
    }

    /// Takes an inbox row; rows at or below [`Machine::inbox_folded`] are ignored, stale timers are folded without
    /// effect.
    pub fn inbox(&mut self, item: InboxItem, env: &Env<'_>) {
        if item.n <= self.state.folded {
            return;
        }
        let mut entry = match item.kind {
            InboxItemKind::Timer(body) => self.on_timer(&body, env),
            InboxItemKind::Event(event) => self.on_event(event, env),
            InboxItemKind::Cancel(reason) => Entry::new(Fact::Cancelled(reason), "", env.now),
        };
        entry.n = Some(item.n);
        self.record(entry);
    }

    /// `n` of the last inbox row folded, 0 when none.
    pub fn inbox_folded(&self) -> i32 {
        self.state.folded
    }

    /// Entries folded so far, those not given out yet included.
    pub fn entries(&self) -> usize {
        self.state.entries
    }

    /// `$workflow`.
    fn workflow_variable(&self) -> &Value {
        self.workflow.get_or_init(|| {
            json!({
                "id": self.id,
                "definition": &*self.definition.source,
                "input": &*self.input,
                "startedAt": date_time(self.state.frames.first().map_or(self.created_at, |root| root.started_at)),
            })
        })
    }
}

impl fmt::Debug for Machine {
    /// Without payloads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.state.frames.last().map(|frame| &frame.path);
        f.debug_struct("Machine")
            .field("id", &self.id)
            .field("open", &open)
            .finish_non_exhaustive()
    }
}

/// Whether the run's beginning has anything to journal. If not, it has begun when it is made.
fn needs_beginning(definition: &Definition) -> bool {
    definition.timeout.is_some() || definition.input.schema.is_some() || definition.input.from.is_some()
}
