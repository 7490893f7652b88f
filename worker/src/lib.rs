//! The worker fleet: apalis workers that claim runs and carry them to their park or end.
//!
//! ```text
//! queue -> HintBackend -> apalis Worker -> claim -> run/ (machine <-> calls) -> append | park | end
//!                                                      activity/, activities/, http/
//! ```
//!
//! [`Worker::start`] registers a process under an id of its own; its lease (`lease`) is a beat from a thread of its own.
//! Every write is fenced by the run's epoch (PROTOCOL.md, P3), so a worker that lost a run can do no harm to it.

pub mod activities;
pub mod activity;
mod blocking;
mod claim;
mod clock;
mod definitions;
mod environment;
mod handle;
mod held;
mod http;
mod lease;
mod observer;
mod options;
mod releases;
mod run;
mod shared;
mod start;
pub mod stats;
mod sweep;
mod trace;
mod watch;

pub use activities::registry;
pub use environment::{Environment, OpenStore};
pub use handle::{Drained, WorkerHandle};
pub use observer::{Attempted, Ended, Observer};
pub use options::WorkerOptions;
pub use start::{StartError, Worker};
pub use stats::Stats;
