//! The status of the service. The leader measures each [`Component`] once in each slot of time and [`record`]s what it
//! found; [`status`] reads it for people; [`Uptime`] says how much of a time was measured and how much of that was good.
//!
//! ```text
//! probes (scheduler) -> record -> status_snapshots -> uptime
//!                          \-> two bad in a row open an incident, two good ones close it
//! operator (levqor status) -> incidents and notes of their own
//! ```
//!
//! A slot without a snapshot is no uptime: it is not counted as measured, and the coverage says so. The original's severities
//! and user reports are not here: nobody without a key opens an incident.

mod component;
mod incidents;
pub mod judge;
mod operator;
mod probe;
mod read;
mod record;
mod slot;
mod uptime;

pub use component::{Component, overall, word};
pub use levqor_entities::{
    ids::{IncidentId, NoteId},
    status_incidents::{Impact, Model as Incident},
    status_notes::Model as Note,
    status_snapshots::State,
};
pub use operator::{OperatorError, close, note, open};
pub use probe::write_and_read;
pub use read::{Status, Told, WINDOWS, status, uptime};
pub use record::{Recorded, Snapshot, record, recorded};
pub use slot::slot;
pub use uptime::{Measured, Uptime};
