//! How long rows are kept, and what becomes of them then.
//!
//! [`POLICIES`] is the list of rules; a test holds it against the data map, so that a table that ages has a rule and
//! a rule has a table. [`install`] writes them into `retention_policies`, from which the API, the page and the sweep
//! read them. A tenant may choose another period within a rule's bounds, and a legal hold stops any deletion.
//!
//! A sweep (the process `retention`, or the command) begins with [`begin`], goes on with [`sweep`] for each rule and ends
//! with [`certify`]. Each can be repeated after a crash, and two sweeps can run at once: a row goes once and is counted
//! once.

mod certificate;
mod holds;
mod install;
mod overrides;
pub mod policy;
mod preview;
mod rules;
mod sweep;
mod time;
mod who;

pub use certificate::{Certificate, Certified, Fault, Line, Report, certificates, certify, verify};
pub use holds::{HoldError, NewHold, holds, place, release};
pub use install::install;
pub use overrides::{OverrideError, choose, clear};
pub use policy::{By, POLICIES, Policy};
pub use preview::{Preview, preview};
pub use rules::{Rule, rules};
pub use sweep::{BATCH, Pace, SweepError, Swept, begin, sweep};
pub use time::rfc3339;
