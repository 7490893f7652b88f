//! The scheduler: what one process of the fleet does for all, under a leader lease in the database.
//!
//! Each service is small and looks again by itself; a lost wake-up costs time, never a run.

mod context;
mod leader;
mod observer;
mod options;
mod seen;
mod service;
mod services;
mod stats;
mod webhook;

pub use leader::{Scheduler, SchedulerHandle};
pub use observer::Observer;
pub use options::{Autoscaling, SchedulerOptions};
pub use stats::{FleetFigures, MoneyFigures, SchedulerStats};
pub use webhook::{Signer, WebhookSecret};
