//! How long, in words: what a rule says in days and the name of a column.

/// What time runs from, by the column of a rule.
fn clock_words(column: &str) -> Option<&'static str> {
    Some(match column {
        "at" => "it was recorded",
        "beat_at" => "the last sign of life",
        "created_at" => "it was made",
        "ended_at" => "its end",
        "issued_at" => "it was issued",
        "received_at" => "it was received",
        "released_at" => "its release",
        "requested_at" => "it was asked for",
        "updated_at" => "its last change",
        "confirm_until" => "the package is deleted, or nobody can confirm the request any more",
        "expires_at" => "it expires",
        _ => return None,
    })
}

/// The time for which a rule keeps data; a column that has no words is named.
pub(super) fn period(days: i64, column: &str) -> String {
    let clock = clock_words(column).unwrap_or(column);
    match (days, years(days)) {
        (0, _) => format!("until {clock}"),
        (1, _) => format!("1 day after {clock}"),
        (_, Some(1)) => format!("{days} days (1 year) after {clock}"),
        (_, Some(years)) => format!("{days} days ({years} years) after {clock}"),
        (_, None) => format!("{days} days after {clock}"),
    }
}

/// Whole years, when the days are those.
fn years(days: i64) -> Option<i64> {
    let (years, rest) = (days / 365, days % 365);
    (years > 0 && rest <= (years + 3) / 4).then_some(years)
}

#[cfg(test)]
mod tests {
    use levqor_retention::policy::policies;

    use super::*;

    #[test]
    fn every_rule_has_words_for_its_clock() {
        for policy in policies() {
            assert!(clock_words(policy.clock).is_some(), "{}", policy.clock);
        }
    }

    #[test]
    fn years_are_told_when_the_days_are_whole_ones() {
        let told = [0, 1, 7, 364, 365, 366, 730, 1_096, 2_192, 2_557, 3_653, 3_700].map(years);
        let one = Some(1);
        let expected = [
            None,
            None,
            None,
            None,
            one,
            one,
            Some(2),
            Some(3),
            Some(6),
            Some(7),
            Some(10),
            None,
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_period_is_a_sentence() {
        assert_eq!(period(0, "expires_at"), "until it expires");
        assert_eq!(period(1, "at"), "1 day after it was recorded");
        assert_eq!(period(90, "ended_at"), "90 days after its end");
        assert_eq!(period(365, "created_at"), "365 days (1 year) after it was made");
        assert_eq!(period(2_192, "x"), "2192 days (6 years) after x");
    }
}
