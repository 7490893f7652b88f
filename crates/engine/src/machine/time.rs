//! Times as expressions and events see them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Micros;

/// Microseconds of a duration, saturating.
pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}

/// RFC 3339 in UTC; the epoch when out of the calendar.
pub(super) fn rfc3339(at: Micros) -> String {
    Timestamp::from_microsecond(at)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// A date-time object of the specification: `{iso8601, epoch: {seconds, milliseconds}}`.
pub(super) fn date_time(at: Micros) -> Value {
    json!({
        "iso8601": rfc3339(at),
        "epoch": { "seconds": at.div_euclid(1_000_000), "milliseconds": at.div_euclid(1_000) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_time_says_one_instant_in_three_ways() {
        let expected = json!({
            "iso8601": "2025-11-22T09:20:00.5Z",
            "epoch": { "seconds": 1_763_803_200, "milliseconds": 1_763_803_200_500_i64 },
        });
        assert_eq!(date_time(1_763_803_200_500_000), expected);
    }

    #[test]
    fn times_out_of_the_calendar_do_no_harm() {
        assert_eq!(rfc3339(Micros::MAX), "1970-01-01T00:00:00Z");
        assert_eq!(micros(Duration::MAX), Micros::MAX);
    }
}
