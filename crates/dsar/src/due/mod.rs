//! Until when a request must be answered.
//!
//! GDPR article 12(3), in the EU and the UK: one month from receipt; two more when requests are complex or many, if the
//! person is told so, with reasons, within the first month. How months are counted: the guidance of the Information
//! Commissioner's Office, which agrees with Regulation (EEC, Euratom) 1182/71 article 3: from the day of receipt, working
//! day or not, to the same date of the month, or that month's last day when it is shorter; a last day that is a weekend
//! or holiday gives way to the next working day. While the controller waits for what it needs to know who asks, or for
//! what (article 12(6); in the UK the Data (Use and Access) Act 2025), the clock stands, and the date moves by exactly
//! that.

mod calendar;

use std::time::Duration;

use jiff::{Timestamp, ToSpan, civil::Date};

pub use calendar::Calendar;

/// How long there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// The first month.
    Month,
    /// Three months, counted from the start again and not from the end of the first.
    Extended,
}

impl Period {
    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Extended => 3,
        }
    }
}

/// The first moment that is too late: the end of the last day, in the calendar's zone. A pause moves the corresponding
/// date's end by exactly its length; only then does a weekend or holiday give way.
///
/// # Errors
/// The date is beyond the calendar (year 9999).
pub fn due(
    calendar: &Calendar,
    received: Timestamp,
    period: Period,
    paused: Duration,
) -> Result<Timestamp, jiff::Error> {
    let day = received.to_zoned(calendar.zone().clone()).date();
    let corresponding = day.checked_add(period.months().months())?;
    let end = end_of(calendar, corresponding)?.checked_add(paused)?;
    let last = last_day(calendar, end);
    let working = calendar.working_day(last);
    if working == last {
        Ok(end)
    } else {
        end_of(calendar, working)
    }
}

/// The day that ends at, or holds, the last moment before `due`: what people are told.
pub fn last_day(calendar: &Calendar, due: Timestamp) -> Date {
    let before = due
        .saturating_sub(jiff::SignedDuration::from_micros(1))
        .unwrap_or(due);
    before.to_zoned(calendar.zone().clone()).date()
}

/// Whether it can still be extended: the person must be told within the first month, as it stands after pauses.
///
/// # Errors
/// As [`due`].
pub fn may_extend(
    calendar: &Calendar,
    received: Timestamp,
    paused: Duration,
    now: Timestamp,
) -> Result<bool, jiff::Error> {
    Ok(now < due(calendar, received, Period::Month, paused)?)
}

/// Midnight after this day; on a day that begins later, its first moment.
fn end_of(calendar: &Calendar, day: Date) -> Result<Timestamp, jiff::Error> {
    Ok(day.tomorrow()?.to_zoned(calendar.zone().clone())?.timestamp())
}

#[cfg(test)]
mod tests;
