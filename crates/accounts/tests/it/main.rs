//! People on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

mod records;
mod rig;
mod terms;
mod tokens;
