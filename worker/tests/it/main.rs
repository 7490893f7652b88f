//! Whole runs of documents on SQLite, the memory queue and real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activities;
mod bench;
mod budgets;
mod calls;
mod consent;
mod crash;
mod drain;
mod dunning;
mod inbox;
mod reserved;
mod retention;
mod steps;
