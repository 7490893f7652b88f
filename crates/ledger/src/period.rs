//! When a budget's period began and when it begins anew: calendar days and months, UTC.

use jiff::{civil::Date, tz::TimeZone};
use levqor_entities::budgets::Period;
use levqor_store::Timestamp;

/// Days since 1970-01-01 of the period's first day.
pub(crate) fn since(period: Period, now: Timestamp) -> i64 {
    match period {
        Period::Total => 0,
        Period::Day => now.0.div_euclid(86_400_000_000),
        Period::Month => day_of(date(now).first_of_month()),
    }
}

/// When it begins anew; None when it never does.
pub(crate) fn resets_at(period: Period, now: Timestamp) -> Option<Timestamp> {
    let next = match period {
        Period::Total => return None,
        Period::Day => date(now).tomorrow(),
        Period::Month => date(now).last_of_month().tomorrow(),
    };
    Some(Timestamp(day_of(next.ok()?) * 86_400_000_000))
}

/// The calendar day of a time, UTC.
pub(crate) fn date(at: Timestamp) -> Date {
    jiff::Timestamp::from_microsecond(at.0)
        .unwrap_or_default()
        .to_zoned(TimeZone::UTC)
        .date()
}

/// Days since 1970-01-01.
pub(crate) fn day_of(date: Date) -> i64 {
    let midnight = date.to_zoned(TimeZone::UTC).map(|at| at.timestamp().as_second());
    midnight.unwrap_or(0).div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn days_and_months_are_those_of_the_calendar_in_utc() {
        let now = at("2028-02-29T23:59:59.999999Z");
        assert_eq!(resets_at(Period::Day, now), Some(at("2028-03-01T00:00:00Z")));
        assert_eq!(resets_at(Period::Month, now), Some(at("2028-03-01T00:00:00Z")));
        assert_eq!(resets_at(Period::Total, now), None);
        assert_eq!(since(Period::Month, now) + 28, since(Period::Day, now));
        assert_eq!(since(Period::Total, now), 0);
        let december = at("2026-12-31T00:00:00Z");
        assert_eq!(
            resets_at(Period::Month, december),
            Some(at("2027-01-01T00:00:00Z"))
        );
    }
}
