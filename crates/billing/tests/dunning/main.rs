//! From Stripe's events to letters and suspension, on a database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clearing;
mod databases;
mod linking;
mod rig;
mod stages;
