//! The machine played as a worker would: documents in, scripted results and inbox rows, outcomes out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catching;
mod conformance;
mod data_flow;
mod documents;
mod events;
mod flow;
mod http;
mod limits;
mod loops;
mod play;
mod replay;
mod timers;
mod views;
