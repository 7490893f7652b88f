//! When a schedule is due. Times are microseconds since the Unix epoch, UTC.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, tz::TimeZone};

use crate::model::Schedule;

/// Longest cron expression, in bytes.
const CRON_BYTES: usize = 256;

/// The first due time after `after`, strictly; None when there is none.
///
/// `every` counts from `after`, so that due times keep their distance when it is given the previous one.
pub fn next(schedule: &Schedule, after: i64) -> Option<i64> {
    match schedule {
        Schedule::Every(every) => after.checked_add(i64::try_from(every.as_micros()).ok()?),
        Schedule::Cron(text) => next_match(&parse_cron(text).ok()?, after),
    }
}

/// Reads five fields, or six with seconds first, or a nickname such as `@daily`; UTC.
pub(crate) fn parse_cron(text: &str) -> Result<Cron, String> {
    if text.len() > CRON_BYTES {
        return Err(format!("a cron expression has at most {CRON_BYTES} bytes"));
    }
    CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .build()
        .parse(text)
        .map_err(|error| error.to_string())
}

fn next_match(cron: &Cron, after: i64) -> Option<i64> {
    let after = Timestamp::from_second(after.div_euclid(1_000_000))
        .ok()?
        .to_zoned(TimeZone::UTC)
        .datetime();
    let due = cron.find_next_occurrence(&after, false).ok()?;
    due.to_zoned(TimeZone::UTC)
        .ok()
        .map(|due| due.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    fn due(cron: &str, after: &str) -> Option<String> {
        next(&Schedule::Cron(cron.to_owned()), micros(after))
            .map(|micros| Timestamp::from_microsecond(micros).unwrap().to_string())
    }

    #[test]
    fn cron_is_due_strictly_later_in_utc() {
        for (cron, after, expected) in [
            ("0 0 * * *", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"),
            ("0 0 * * *", "2026-03-28T23:59:59.999999Z", "2026-03-29T00:00:00Z"),
            ("* * * * * *", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:01Z"),
            ("* * * * * *", "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"),
            ("*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00Z"),
            ("30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T02:30:00Z"),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 9 * * MON-FRI", "2026-08-28T10:00:00Z", "2026-08-31T09:00:00Z"),
            ("0 0 L * *", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
            ("@daily", "2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z"),
            ("* * * * *", "1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z"),
        ] {
            assert_eq!(
                due(cron, after).as_deref(),
                Some(expected),
                "{cron} after {after}"
            );
        }
    }

    #[test]
    fn a_day_that_never_comes_is_never_due() {
        assert_eq!(due("0 0 30 2 *", "2026-01-01T00:00:00Z"), None);
    }

    #[test]
    fn every_counts_from_the_previous_due_time() {
        let every = Schedule::Every(Duration::from_millis(1_500));
        assert_eq!(next(&every, 0), Some(1_500_000));
        assert_eq!(next(&every, 1_500_000), Some(3_000_000));
        assert_eq!(next(&every, i64::MAX), None);
    }

    #[test]
    fn what_is_no_cron_is_refused() {
        let long = "0,".repeat(200);
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* * * * * * *",
            "a b c d e",
            "*/0 * * * *",
            long.as_str(),
        ] {
            assert!(parse_cron(bad).is_err(), "{bad}");
        }
    }
}
