//! The pure core: a run's state is the fold of its journal, and the next step is a function of that state.
//!
//! No IO, no clock, no ids of its own: time comes in as microseconds of the store's clock.

pub mod error;
pub mod event;
pub mod journal;
pub mod machine;

pub use error::WorkflowError;
pub use event::{CallFailure, CallResult, InboxItem};
pub use journal::{Entry, StepView, steps};
pub use machine::{Action, Call, CallKind, Env, HttpRequest, Machine, Outcome, RunInfo, Step, Subscription, Timer};

/// Microseconds since the Unix epoch on the store's clock.
pub type Micros = i64;
