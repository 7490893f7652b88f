//! Consent on both databases; on SQLite where a test turns the clock.

#![expect(clippy::unwrap_used, reason = "tests")]

mod asking;
mod confirming;
mod expiry;
mod preferences;
mod receipts;
mod rig;
mod sending;
mod withdrawing;
