//! The chains on both databases (domain rows 1.17).

#![expect(clippy::unwrap_used, reason = "tests")]

mod appending;
mod checkpoints;
mod erasing;
mod rig;
mod tampering;
