//! Times as certificates write them.

use levqor_store::Timestamp;

/// RFC 3339 in UTC with microseconds: `2026-01-02T03:04:05.678901Z`.
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.0).map_or_else(|_| String::new(), |at| format!("{at:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_microseconds() {
        assert_eq!(
            rfc3339(Timestamp(1_767_323_045_678_901)),
            "2026-01-02T03:04:05.678901Z"
        );
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T00:00:00.000000Z");
    }
}
