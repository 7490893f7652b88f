//! Requests from their making to their end, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod crash;
mod decide;
mod download;
mod exports;
mod forsaken;
mod quota;
mod rig;
mod steps;
