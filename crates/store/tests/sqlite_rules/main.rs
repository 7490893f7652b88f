//! The rules of PROTOCOL.md that are SQLite's own, on real files, with the broken form beside them and the harm it
//! does. What both databases have in common is in the conformance suite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod full_disk;
mod p15;
mod rig;
