//! `/metrics` and `/public/metrics`.

#![expect(clippy::unused_async, reason = "the OpenApi macro takes async functions only")]

mod prometheus;
mod public;

pub(crate) use prometheus::Prometheus;
pub(crate) use public::Public;
