//! The typed model a document is lowered to. Names (`use.*`) are resolved, durations and expressions parsed.

use std::{sync::Arc, time::Duration};

use levqor_expressions::Expression;
use serde_json::Value;

/// A whole document.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Who it is.
    pub document: Document,
    /// `input`.
    pub input: Input,
    /// `output`.
    pub output: Output,
    /// `timeout.after`: the run faults with `timeout` after it.
    pub timeout: Option<Delay>,
    /// `schedule`.
    pub schedule: Option<Schedule>,
    /// `do`; its pointer is `/do`.
    pub tasks: TaskList,
    /// The document as canonical JSON value, for `$workflow.definition`.
    pub source: Arc<Value>,
}

/// `document`.
#[derive(Clone, Debug)]
pub struct Document {
    /// DSL version, 1.0.x.
    pub dsl: String,
    /// DNS label.
    pub namespace: String,
    /// DNS label.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// For people.
    pub title: Option<String>,
    /// For people.
    pub summary: Option<String>,
    /// Free labels.
    pub tags: Value,
    /// Free data, of which `levqor.retention` and `levqor.value` are ours.
    pub metadata: Value,
    /// What a completed run is worth, as `levqor.value` says.
    pub value: Option<RunValue>,
}

/// The member of `document.metadata` that says what a completed run is worth.
pub const VALUE: &str = "levqor.value";

/// Largest amount of it, in minor units.
pub const MOST_VALUE: i64 = 1_000_000_000;

/// What a run is worth to its tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunValue {
    /// What a completed run earns, in minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What an hour of waiting for a worker costs, in minor units.
    pub delay_cost_per_hour: Option<i64>,
    /// Seconds from acceptance by which it should be done.
    pub deadline: Option<u64>,
}

/// The member of `document.metadata` that says how long ended runs are kept.
pub const RETENTION: &str = "levqor.retention";

/// What it may be: days are the installation's to say.
pub const RETENTION_CLASSES: [&str; 3] = ["standard", "short", "long"];

impl Document {
    /// The retention class that the document asks for.
    pub fn retention(&self) -> Option<&str> {
        self.metadata.get(RETENTION)?.as_str()
    }
}

/// `schedule`, first slice. Its JSON form is what the store keeps as a schedule's spec.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Every so often, at least one second.
    Every(Duration),
    /// Five fields, or six with seconds first; UTC.
    Cron(String),
}

/// `input` of a workflow or task.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// `schema.document`: JSON Schema.
    pub schema: Option<Arc<Value>>,
    /// `from`.
    pub from: Option<Template>,
}

/// `output` of a workflow or task.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// `schema.document`: JSON Schema.
    pub schema: Option<Arc<Value>>,
    /// `as`.
    pub r#as: Option<Template>,
}

/// JSON with expressions in it. `${…}` strings became expressions; everything else is literal.
#[derive(Clone, Debug)]
pub enum Template {
    /// No expression inside.
    Literal(Value),
    /// One expression.
    Expression(Expression),
    /// An object with an expression somewhere inside.
    Object(Vec<(String, Template)>),
    /// An array with an expression somewhere inside.
    Array(Vec<Template>),
}

/// A duration, fixed or computed (an expression that gives a duration object or ISO 8601 text).
#[derive(Clone, Debug)]
pub enum Delay {
    /// Known when the document is posted.
    Fixed(Duration),
    /// Known when it is reached; parse the result with [`crate::duration::from_value`].
    Computed(Expression),
}

/// Tasks run one after the other.
#[derive(Clone, Debug)]
pub struct TaskList {
    /// Pointer of the list, e.g. `/do` or `/do/0/attempt/try`.
    pub pointer: Arc<str>,
    /// In order.
    pub tasks: Vec<Task>,
}

/// One task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Key in its list.
    pub name: Arc<str>,
    /// Pointer, e.g. `/do/0/getPet`.
    pub pointer: Arc<str>,
    /// `if`, evaluated on the raw input.
    pub condition: Option<Expression>,
    /// `input`.
    pub input: Input,
    /// `output`.
    pub output: Output,
    /// `export` (`as` gives the new context).
    pub export: Output,
    /// `timeout.after`.
    pub timeout: Option<Delay>,
    /// `then`.
    pub then: Flow,
    /// `metadata`.
    pub metadata: Value,
    /// The task as written, for `$task.definition`.
    pub definition: Arc<Value>,
    /// What it does.
    pub kind: TaskKind,
}

/// Where to go after a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next task of the list, or out of it after the last.
    Continue,
    /// Out of this list.
    Exit,
    /// End the workflow.
    End,
    /// The task with this index of the same list, backwards too.
    Task(usize),
}

/// What a task does.
#[derive(Clone, Debug)]
pub enum TaskKind {
    /// `do`.
    Do(TaskList),
    /// `set`.
    Set(Template),
    /// `call: http`.
    Http(Box<Http>),
    /// `call: <activity>`.
    Activity {
        /// Registered name.
        name: String,
        /// `with`; an empty object when absent.
        with: Template,
    },
    /// `wait`.
    Wait(Delay),
    /// `switch`.
    Switch(Vec<Case>),
    /// `try`.
    Try(Box<Try>),
    /// `raise`.
    Raise(ErrorTemplate),
    /// `for`.
    For(Box<For>),
    /// `listen` to one event.
    Listen(Box<Listen>),
    /// `emit`: `event.with`; `id`, `source`, `time` are filled in when absent.
    Emit(Template),
}

/// `call: http`.
#[derive(Clone, Debug)]
pub struct Http {
    /// Upper case.
    pub method: String,
    /// A URI, a URI template (simple expansion) or an expression.
    pub endpoint: Endpoint,
    /// Object of strings.
    pub headers: Option<Template>,
    /// Any JSON.
    pub body: Option<Template>,
    /// Object of strings.
    pub query: Option<Template>,
    /// What the task's output is.
    pub output: HttpOutput,
    /// Follow redirects and take 3xx as success.
    pub redirect: bool,
}

/// Where a call goes.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// RFC 6570 simple expansion over top-level scalars of the task's transformed input.
    UriTemplate(String),
    /// An expression that gives a URI.
    Expression(Expression),
}

/// `with.output` of `call: http`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpOutput {
    /// Base64 of the body.
    Raw,
    /// The body, as JSON when it is JSON.
    #[default]
    Content,
    /// `{request, statusCode, headers, content}`.
    Response,
}

/// A case of `switch`.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its key.
    pub name: String,
    /// None: the default.
    pub when: Option<Expression>,
    /// Where to go.
    pub then: Flow,
}

/// `try`.
#[derive(Clone, Debug)]
pub struct Try {
    /// `try`; pointer ends in `/try`.
    pub tasks: TaskList,
    /// `catch.errors.with`; absent members match anything.
    pub errors: ErrorFilter,
    /// `catch.as`, default `error`, without `$`.
    pub r#as: String,
    /// `catch.when`.
    pub when: Option<Expression>,
    /// `catch.exceptWhen`.
    pub except_when: Option<Expression>,
    /// `catch.retry`, resolved.
    pub retry: Option<Retry>,
    /// `catch.do`; pointer ends in `/catch/do`.
    pub r#do: Option<TaskList>,
    /// `catch.then`.
    pub then: Option<Flow>,
}

/// `catch.errors.with`.
#[derive(Clone, Debug, Default)]
pub struct ErrorFilter {
    /// Compared by [`crate::error_type::same`].
    pub r#type: Option<String>,
    /// HTTP-like status.
    pub status: Option<i64>,
    /// Pointer of the task that raised it.
    pub instance: Option<String>,
    /// For people.
    pub title: Option<String>,
    /// For people.
    pub detail: Option<String>,
}

/// A retry policy. `limit.attempt.count` counts retries, the first attempt not included.
#[derive(Clone, Debug)]
pub struct Retry {
    /// `when`.
    pub when: Option<Expression>,
    /// `exceptWhen`.
    pub except_when: Option<Expression>,
    /// `delay`; zero when absent.
    pub delay: Delay,
    /// `backoff`.
    pub backoff: Backoff,
    /// `limit.attempt.count`; a default of ours when absent (docs/DEPARTURES.md).
    pub attempts: u32,
    /// `limit.attempt.duration`: the longest one attempt may take.
    pub attempt_duration: Option<Duration>,
    /// `limit.duration`: no retry starts later than this after the first failure.
    pub duration: Option<Duration>,
    /// `jitter`, from..to added to the delay.
    pub jitter: Option<(Duration, Duration)>,
}

/// How the delay grows with the number of retries made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    /// The same each time.
    #[default]
    Constant,
    /// delay, 2 delay, 3 delay, …
    Linear,
    /// delay, 2 delay, 4 delay, …
    Exponential,
}

/// `raise.error`, resolved.
#[derive(Clone, Debug)]
pub struct ErrorTemplate {
    /// URI; never rewritten.
    pub r#type: Template,
    /// 100..=599, or an expression.
    pub status: Template,
    /// For people.
    pub title: Option<Template>,
    /// For people.
    pub detail: Option<Template>,
}

/// `for`.
#[derive(Clone, Debug)]
pub struct For {
    /// Variable of the item, default `item`, without `$`.
    pub each: String,
    /// Variable of the index, default `index`, without `$`.
    pub at: String,
    /// `in`: gives an array.
    pub r#in: Template,
    /// `while`.
    pub r#while: Option<Expression>,
    /// `do`; pointer ends in `/do`.
    pub tasks: TaskList,
}

/// `listen.to.one`.
#[derive(Clone, Debug)]
pub struct Listen {
    /// `with`: attribute name -> what it must be.
    pub with: Vec<(String, EventMatch)>,
    /// `correlate`: key -> (from, expect). Without `expect` the first event fixes the value.
    pub correlate: Vec<(String, Expression, Option<Template>)>,
    /// `read`.
    pub read: EventRead,
}

/// What an event's attribute must be.
#[derive(Clone, Debug)]
pub enum EventMatch {
    /// Equal.
    Literal(Value),
    /// An expression, true of the event (its attribute value is `.`, the event `$event`).
    Expression(Expression),
}

/// What of an event becomes the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventRead {
    /// Its `data`.
    #[default]
    Data,
    /// The whole CloudEvent.
    Envelope,
    /// Its data as it came (the same as `data` for JSON).
    Raw,
}

impl TaskList {
    /// Index of the task called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.tasks.iter().position(|task| &*task.name == name)
    }
}

impl Task {
    /// `do`, `set`, `http`, `activity`, `wait`, `switch`, `try`, `raise`, `for`, `listen` or `emit`.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            TaskKind::Do(_) => "do",
            TaskKind::Set(_) => "set",
            TaskKind::Http(_) => "http",
            TaskKind::Activity { .. } => "activity",
            TaskKind::Wait(_) => "wait",
            TaskKind::Switch(_) => "switch",
            TaskKind::Try(_) => "try",
            TaskKind::Raise(_) => "raise",
            TaskKind::For(_) => "for",
            TaskKind::Listen(_) => "listen",
            TaskKind::Emit(_) => "emit",
        }
    }
}
