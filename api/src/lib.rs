//! The HTTP side of Levqor: one operation per file under `routes/`, one layer around them in `middleware/`.
//!
//! ```text
//! connection -> Gate (key, rate, limits, errors, headers, log) -> operation -> Store | batcher -> answer
//!                                                                          \-> doorbell -> Queue
//! ```
//!
//! [`app`] makes the endpoint, [`serve`] serves it, [`document`] is its OpenAPI document.

mod app;
mod auth;
mod backlog;
mod body;
mod budgets;
mod catalogue;
mod clock;
mod cloud_event;
mod cursor;
mod document;
mod doorbell;
mod error;
mod intake;
mod json;
mod limit;
mod measure;
mod middleware;
mod observer;
mod options;
mod page;
mod routes;
mod serve;
mod state;
mod suspensions;
mod time;
mod visitor;
mod waiters;

pub use app::app;
pub use auth::{Secret, lookup_hash};
pub use clock::ProcessClock;
pub use document::document;
pub use error::{Code, reference};
pub use observer::{Observer, Served};
pub use options::{ActivityInfo, ApiOptions, Rates};
pub use serve::serve;
pub use state::ApiState;
