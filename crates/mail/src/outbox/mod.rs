//! The outbox's rows on their way: leased, then marked.

mod lease;
mod settle;

use std::time::Duration;

pub(crate) use lease::lease;
pub(crate) use settle::{charge, sent, settle};

/// Tries of a mail that count. A mail is leased for 1 minute at its first try and for twice as long at each further one,
/// so that the last try begins 1,023 minutes (17 h 3 min) after the first: within the 24 hours for which Resend knows an
/// idempotency key.
pub const MOST_TRIES: i64 = 11;

/// Longest a try may take; shorter than the first lease, so that nobody else tries meanwhile.
pub const TRY_LIMIT: Duration = Duration::from_secs(40);

/// How long the lease of this try holds: from 1 for the first.
fn lease_of(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.clamp(1, MOST_TRIES) - 1).unwrap_or_default();
    Duration::from_mins(1 << doublings)
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The transport has it; the id that its provider gave it.
    Sent(Option<String>),
    /// Its address is suppressed, for this reason.
    Suppressed(String),
    /// Its recipient has not agreed to it, for this reason.
    Refused(String),
    /// Given up: no such mailbox, which suppresses the address.
    Bounced(String),
    /// Given up.
    Failed(String),
    /// To be tried again when the lease is over.
    Again(String),
    /// No mail can be sent now: to be tried after this long, and the try does not count.
    Wait(String, Duration),
}

#[cfg(test)]
mod tests;
