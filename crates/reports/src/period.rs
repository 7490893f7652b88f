//! The time a report tells about. Days and weeks are those of UTC; weeks begin on Monday (ISO 8601).

use jiff::{ToSpan, Unit, Zoned, civil::Weekday, tz::TimeZone};
use levqor_store::Timestamp;

/// From a time, and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment after it.
    pub to: Timestamp,
}

/// The last whole week before this time.
pub fn week_before(now: Timestamp) -> Period {
    let today = zoned(now).start_of_day().unwrap_or_else(|_| zoned(now));
    let since_monday = today.weekday().since(Weekday::Monday);
    let monday = today.saturating_sub(i64::from(since_monday).days());
    Period {
        from: micros(&monday.saturating_sub(1.week())),
        to: micros(&monday),
    }
}

/// The last whole day before this time.
pub fn day_before(now: Timestamp) -> Period {
    let today = now.0.div_euclid(DAY) * DAY;
    Period {
        from: Timestamp(today - DAY),
        to: Timestamp(today),
    }
}

/// The time in UTC.
pub(crate) fn zoned(at: Timestamp) -> Zoned {
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC)
}

fn micros(at: &Zoned) -> Timestamp {
    Timestamp(at.timestamp().as_microsecond())
}

impl Period {
    /// `16 Nov 2026 to 22 Nov 2026, UTC`: first and last day, both part of it.
    pub(crate) fn shown(self) -> String {
        let (first, last) = (zoned(self.from), zoned(Timestamp(self.to.0 - 1)));
        format!(
            "{} to {}, UTC",
            first.strftime("%-d %b %Y"),
            last.strftime("%-d %b %Y")
        )
    }

    /// Its days, as numbers since 1970-01-01; at most 92, the last ones.
    pub(crate) fn days(self) -> Vec<i64> {
        let (first, last) = (self.from.0.div_euclid(DAY), (self.to.0 - 1).div_euclid(DAY));
        (first.max(last - 91)..=last).collect()
    }
}

const DAY: i64 = 86_400_000_000;

/// `Mon 16 Nov`.
pub(crate) fn day_name(day: i64) -> String {
    zoned(Timestamp(day * DAY)).strftime("%a %-d %b").to_string()
}

/// `2026-11-23 09:00 UTC`.
pub(crate) fn minute(at: Timestamp) -> String {
    let at = zoned(at);
    let rounded = at.round(Unit::Minute).unwrap_or(at);
    rounded.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn the_week_before_is_the_last_whole_one_from_monday() {
        let week = Period {
            from: at("2026-11-16T00:00:00Z"),
            to: at("2026-11-23T00:00:00Z"),
        };
        for now in [
            "2026-11-23T00:00:00Z",
            "2026-11-26T12:00:00Z",
            "2026-11-29T23:59:59Z",
        ] {
            assert_eq!(week_before(at(now)), week, "{now}");
        }
        assert_ne!(week_before(at("2026-11-30T00:00:00Z")), week);
    }

    #[test]
    fn the_day_before_is_the_last_whole_one() {
        let day = Period {
            from: at("2026-11-25T00:00:00Z"),
            to: at("2026-11-26T00:00:00Z"),
        };
        for now in [
            "2026-11-26T00:00:00Z",
            "2026-11-26T06:30:00Z",
            "2026-11-26T23:59:59Z",
        ] {
            assert_eq!(day_before(at(now)), day, "{now}");
        }
    }

    #[test]
    fn a_period_is_shown_with_its_last_day() {
        let week = week_before(at("2027-01-04T00:00:00Z"));
        assert_eq!(week.shown(), "28 Dec 2026 to 3 Jan 2027, UTC");
        assert_eq!(week.days().len(), 7);
        assert_eq!(day_name(week.days()[0]), "Mon 28 Dec");
    }
}
