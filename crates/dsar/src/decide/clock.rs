//! The clock of a request, from its row.

use std::time::Duration;

use levqor_store::Timestamp;

use crate::{
    DsarError, Request,
    due::{self, Calendar, Period},
};

/// The first moment that is too late, after so many microseconds of standing.
pub(crate) fn due(received: Timestamp, period: Period, paused_us: i64) -> Result<Timestamp, DsarError> {
    let due = due::due(
        &Calendar::england()?,
        moment(received)?,
        period,
        micros(paused_us),
    )?;
    Ok(Timestamp(due.as_microsecond()))
}

/// The last day, as people are told it.
pub(crate) fn last_day(due_at: Timestamp) -> Result<String, DsarError> {
    Ok(due::last_day(&Calendar::england()?, moment(due_at)?).to_string())
}

/// Whether there is still time to extend it.
pub(crate) fn may_extend(request: &Request, now: Timestamp) -> Result<bool, DsarError> {
    let (received, paused) = (moment(request.received_at)?, micros(paused_us(request, now)));
    Ok(due::may_extend(
        &Calendar::england()?,
        received,
        paused,
        moment(now)?,
    )?)
}

/// Microseconds that the clock has stood by now.
pub(crate) fn paused_us(request: &Request, now: Timestamp) -> i64 {
    let open = request
        .paused_at
        .map_or(0, |since| now.0.saturating_sub(since.0).max(0));
    request.paused_us.saturating_add(open)
}

/// How long there is for it.
pub(crate) fn period(request: &Request) -> Period {
    if request.extended_at.is_some() {
        Period::Extended
    } else {
        Period::Month
    }
}

fn moment(at: Timestamp) -> Result<jiff::Timestamp, jiff::Error> {
    jiff::Timestamp::from_microsecond(at.0)
}

fn micros(us: i64) -> Duration {
    Duration::from_micros(u64::try_from(us).unwrap_or_default())
}
