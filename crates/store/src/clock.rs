//! Where an embedded store takes the time from. On Postgres the clock is the database's own.

use crate::Timestamp;

/// A wall clock. May jump; the store that reads it never answers a time earlier than one it answered before.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}
