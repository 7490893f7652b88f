//! One file per command.

pub(crate) mod activities;
pub(crate) mod audit;
pub(crate) mod autoscaler;
pub(crate) mod bench;
pub(crate) mod billing;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod dsar;
mod embedded;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod probe;
pub(crate) mod reference;
pub(crate) mod retention;
pub(crate) mod roles;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod validate;
pub(crate) mod verify;

use levqor_store::Timestamp;

/// A time as commands print it, to the second.
fn moment(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
