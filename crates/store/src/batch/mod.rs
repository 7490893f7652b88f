//! Group commit: callers submit one item each and wait; commits carry as many as came in the meantime.
//!
//! The rules are PROTOCOL, "Batchers". [`Batcher`] is the machine; [`Intake`], [`Deliveries`], [`Claims`],
//! [`Appends`], [`Parks`] and [`Ends`] are it over one call of the [`Store`](crate::Store) each.

mod batcher;
mod commit;
mod error;
mod flush;
mod intake;
mod observer;
mod queue;
mod settings;
#[cfg(test)]
mod tests;
mod worker;

pub use batcher::Batcher;
pub use error::BatchError;
pub use flush::Flush;
pub use intake::{Deliveries, DeliveryFlush, Intake, IntakeFlush};
pub use observer::Observer;
pub use settings::Settings;
pub use worker::{AppendFlush, Appends, ClaimFlush, Claims, EndFlush, Ends, ParkFlush, Parks};
