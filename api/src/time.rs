//! RFC 3339 times.

use jiff::{civil::Date, fmt::temporal::DateTimePrinter, tz::TimeZone};
use levqor_store::Timestamp;

use crate::error::{Code, Problem};

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// `2026-01-02T03:04:05.678901Z`.
pub(crate) fn format(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0)
        .map(|at| PRINTER.timestamp_to_string(&at))
        .unwrap_or_default()
}

/// The calendar day of a time, UTC.
pub(crate) fn day(at: Timestamp) -> Date {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).date()
}

/// The day that is this many after 1970-01-01.
pub(crate) fn date(days: i64) -> Date {
    day(Timestamp(days.saturating_mul(86_400_000_000)))
}

/// Reads an RFC 3339 date and time with an offset; None when it is anything else, ISO 8601's other forms too.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let date = digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7) && bytes.get(7) == Some(&b'-');
    let time = digits(8..10)
        && matches!(bytes.get(10), Some(b'T' | b't'))
        && digits(11..13)
        && bytes.get(13) == Some(&b':')
        && digits(14..16)
        && bytes.get(16) == Some(&b':')
        && digits(17..19);
    if !date || !time || !offset(bytes.get(19..)?) {
        return None;
    }
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(|at| Timestamp(at.as_microsecond()))
}

/// The time in a query parameter, when it is there.
pub(crate) fn parameter(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let detail = "Expected an RFC 3339 time such as 2026-01-31T09:00:00Z; write + as %2B.";
    let wrong = || Problem::new(Code::InvalidParameter, detail).parameter(name);
    text.map(|text| parse(text).ok_or_else(wrong)).transpose()
}

/// An optional fraction of a second, then `Z` or `+hh:mm`.
fn offset(mut rest: &[u8]) -> bool {
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > 9 {
            return false;
        }
        rest = &fraction[digits..];
    }
    match rest {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc_3339_and_writes_microseconds_in_utc() {
        for (text, written) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"),
            ("2026-01-02t03:04:05.5z", "2026-01-02T03:04:05.500000Z"),
            (
                "2026-01-02T03:04:05.123456789+02:30",
                "2026-01-02T00:34:05.123456Z",
            ),
            ("1969-12-31T23:59:59-00:00", "1969-12-31T23:59:59.000000Z"),
        ] {
            assert_eq!(parse(text).map(format).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "now",
            "2026-01-02",
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05Z",
            "20260102T030405Z",
            "2026-13-02T03:04:05Z",
            "2026-02-30T03:04:05Z",
            "2026-01-02T25:04:05Z",
            "2026-01-02T03:04Z",
            "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05+0200",
            "2026-01-02T03:04:05Z[UTC]",
            "99999-01-01T00:00:00Z",
            "2026-01-02T03:04:05.1234567890Z",
            "2026-01-02T03:04:05+99:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
