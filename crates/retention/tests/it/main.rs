//! Retention over both databases: rules, holds, sweeps, certificates.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bench;
mod certificates;
mod crashes;
mod holds;
mod interleaved;
mod map;
mod overrides;
mod preview;
mod sweeps;
