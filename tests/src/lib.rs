//! What the black-box tests share: a client of the HTTP API, an embedded server, a fleet of processes.

mod client;
mod documents;
mod embedded;
mod fleet;
mod folder;
mod person;
mod steps;
mod stripe;
mod upgrade;
mod walk;

pub use client::{Client, ENDED};
pub use documents::{noop, sleeper, three_calls, ticking};
pub use embedded::Embedded;
pub use fleet::{Fleet, Role};
pub use folder::DataFolder;
pub use person::person;
pub use steps::{Steps, three_steps_each};
pub use stripe::{STRIPE_SECRET, stripe_event};
pub use upgrade::{Left, SETTINGS};
pub use walk::{Scenario, walk};
