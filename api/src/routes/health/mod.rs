//! `/health`.

#![expect(clippy::unused_async, reason = "the OpenApi macro takes async functions only")]

mod live;
mod ready;
mod status;

pub(crate) use live::Live;
pub(crate) use ready::{Readiness, Ready};
pub(crate) use status::Health;
