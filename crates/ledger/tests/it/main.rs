//! The books on real databases: what goes in comes out, in whatever order and however often it is folded.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod any_order;
mod folding;
mod rig;
mod spending;
