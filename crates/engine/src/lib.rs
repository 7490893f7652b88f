//! The pure core: a run's state is the fold of its journal, and the next step is a function of that state.
//!
//! No IO, no clock, no ids of its own: time comes in as microseconds of the store's clock.
//!
//! ```text
//! decide (reads state, evaluates expressions) -> Entry -> apply (the only writer of state)
//! ```
//!
//! A replay applies the committed entries and goes on deciding from there, so an expression whose result was
//! journaled is never evaluated again.

pub mod error;
pub mod event;
pub mod journal;
pub mod limits;
pub mod machine;

pub use error::WorkflowError;
pub use event::{CallFailure, CallResult, InboxItem, InboxItemKind};
pub use journal::{Corrupt, Entry, StepView, decode, encode, steps};
pub use machine::{
    Action, Call, CallKind, Env, HttpRequest, Machine, Outcome, RunInfo, Step, Subscription, Timer,
};

/// Microseconds since the Unix epoch on the store's clock.
pub type Micros = i64;
