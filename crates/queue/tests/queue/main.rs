//! The queues against a real Redis, against memory, and under apalis workers.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod conformance;
mod outages;
mod support;
mod workers;
