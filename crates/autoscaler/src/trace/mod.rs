//! Traces: hours of a fleet's life, as parameters and a seed.

mod builtin;
mod check;
mod generate;
mod locate;
mod model;
mod random;

pub use builtin::{BUILTIN, Builtin};
pub use generate::{Arrival, arrivals};
pub use model::{Change, ClassModel, FleetModel, Outage, Service, Source, Trace, TraceError};
