//! How many workers are worth their price.
//!
//! [`Autoscaler::look`] takes an [`Observation`] of the fleet (what arrived and ended, what waits, what is due, what a second
//! of waiting and an hour of a worker cost), estimates arrival rates and service times, and asks [`decide`]: a pure function
//! of [`Inputs`], which a [`Decision`] carries, so that it can be made again from its record. [`sim`] plays rules on traces
//! of a fleet, to compare their costs. docs/autoscaling.md has the model.
//!
//! Nothing here asks a clock, a file or a generator of random numbers. Amounts are micro-minor-units: millionths of a cent
//! of whatever currency the caller uses, so that a second of a worker is a whole number.

pub mod erlang;
mod estimate;
mod fluid;
mod num;
mod observation;
mod policy;
pub mod sim;
pub mod trace;

pub use estimate::{ArrivalRate, ServiceTime};
pub use observation::{ClassObservation, Due, Fleet, Observation};
pub use policy::{
    Autoscaler, Candidate, ClassInputs, Decision, Inputs, Mode, Reason, Recommendation, Settings,
    SettingsError, decide,
};
