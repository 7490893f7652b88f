//! When there is something to download.

use std::time::Duration;

use levqor_store::Timestamp;

use crate::{Refusal, Request, State};

/// How long a code is good (NIST SP 800-63B-4: at most ten minutes).
pub(super) const CODE_LIFE: Duration = Duration::from_mins(10);

/// Tries with one code.
pub(super) const TRIES: i64 = 3;

/// Wrong tries of all codes together after which a download is locked: five codes' worth.
pub(super) const LOCK: i64 = 5 * TRIES;

/// Codes that are issued for one request.
pub(super) const CODES: i64 = 20;

/// How long after the grant its transfer can be repeated.
const REPEAT: Duration = Duration::from_hours(1);

/// How often.
pub(super) const REPEATS: i64 = 3;

/// Whether the package can be handed out now, for the first time or again.
pub(super) fn open(request: &Request, now: Timestamp) -> Result<(), Refusal> {
    if !matches!(request.state, State::Ready | State::Downloaded)
        || request.expires_at.is_none_or(|until| now >= until)
    {
        return Err(Refusal::NotReady);
    }
    if request.locked_at.is_some() {
        return Err(Refusal::Locked);
    }
    match request.granted_at {
        Some(at) if now >= at.after(REPEAT) || request.reissued >= REPEATS => Err(Refusal::Downloaded),
        _ => Ok(()),
    }
}
