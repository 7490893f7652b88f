//! Dates worked out by hand and with another program from the rules, not with this code.

use super::*;

fn calendar() -> Calendar {
    Calendar::england().unwrap()
}

/// Noon of that day in London.
fn at(day: &str) -> Timestamp {
    let date: Date = day.parse().unwrap();
    date.at(12, 0, 0, 0)
        .to_zoned(calendar().zone().clone())
        .unwrap()
        .timestamp()
}

fn due_on(received: &str, period: Period, paused: Duration) -> String {
    let calendar = calendar();
    let due = due(&calendar, at(received), period, paused).unwrap();
    last_day(&calendar, due).to_string()
}

const fn days(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

/// Received, due in the first month, due when extended.
const DATES: [(&str, &str, &str); 46] = [
    // The last day of a shorter month.
    ("2025-01-31", "2025-02-28", "2025-04-30"),
    ("2024-01-29", "2024-02-29", "2024-04-29"),
    ("2024-01-30", "2024-02-29", "2024-04-30"),
    ("2024-01-31", "2024-02-29", "2024-04-30"),
    ("2028-01-31", "2028-02-29", "2028-05-02"),
    ("2025-03-31", "2025-04-30", "2025-06-30"),
    ("2025-05-31", "2025-06-30", "2025-09-01"),
    ("2025-08-31", "2025-09-30", "2025-12-01"),
    ("2024-12-31", "2025-01-31", "2025-03-31"),
    // The same date, from a leap day and to one.
    ("2028-02-29", "2028-03-29", "2028-05-30"),
    ("2025-02-28", "2025-03-28", "2025-05-28"),
    ("2029-02-28", "2029-03-28", "2029-05-29"),
    ("2026-06-30", "2026-07-30", "2026-09-30"),
    // A short month whose last day is a Saturday.
    ("2026-01-28", "2026-03-02", "2026-04-28"),
    ("2026-01-29", "2026-03-02", "2026-04-29"),
    ("2026-01-30", "2026-03-02", "2026-04-30"),
    ("2026-01-31", "2026-03-02", "2026-04-30"),
    // Saturday, Sunday, and received on one.
    ("2026-09-03", "2026-10-05", "2026-12-03"),
    ("2026-06-06", "2026-07-06", "2026-09-07"),
    ("2026-06-07", "2026-07-07", "2026-09-07"),
    ("2026-06-08", "2026-07-08", "2026-09-08"),
    ("2026-02-14", "2026-03-16", "2026-05-14"),
    ("2026-02-28", "2026-03-30", "2026-05-28"),
    ("2025-10-31", "2025-12-01", "2026-02-02"),
    ("2025-12-31", "2026-02-02", "2026-03-31"),
    // Christmas.
    ("2025-11-25", "2025-12-29", "2026-02-25"),
    ("2025-11-26", "2025-12-29", "2026-02-26"),
    ("2025-11-27", "2025-12-29", "2026-02-27"),
    ("2026-11-25", "2026-12-29", "2027-02-25"),
    ("2026-11-28", "2026-12-29", "2027-03-01"),
    ("2027-11-25", "2027-12-29", "2028-02-25"),
    ("2027-11-28", "2027-12-29", "2028-02-28"),
    // New Year's Day, and replaced by a Monday.
    ("2025-12-01", "2026-01-02", "2026-03-02"),
    ("2027-12-03", "2028-01-04", "2028-03-03"),
    ("2028-12-03", "2029-01-03", "2029-03-05"),
    // Easter, early and late.
    ("2026-03-03", "2026-04-07", "2026-06-03"),
    ("2026-03-06", "2026-04-07", "2026-06-08"),
    ("2027-02-26", "2027-03-30", "2027-05-26"),
    ("2025-03-18", "2025-04-22", "2025-06-18"),
    ("2025-03-21", "2025-04-22", "2025-06-23"),
    ("2030-03-22", "2030-04-23", "2030-06-24"),
    // Bank holidays of May and August.
    ("2026-04-04", "2026-05-05", "2026-07-06"),
    ("2026-04-25", "2026-05-26", "2026-07-27"),
    ("2025-07-25", "2025-08-26", "2025-10-27"),
    ("2026-07-31", "2026-09-01", "2026-11-02"),
    // Beyond the list of holidays: weekends only.
    ("2034-11-25", "2034-12-25", "2035-02-26"),
];

#[test]
fn domain_1_2_the_due_date_is_the_corresponding_date_or_the_next_working_day() {
    for (received, month, _) in DATES {
        assert_eq!(
            due_on(received, Period::Month, days(0)),
            month,
            "received {received}"
        );
    }
}

#[test]
fn domain_1_2_an_extension_counts_three_months_from_the_start() {
    for (received, _, extended) in DATES {
        assert_eq!(
            due_on(received, Period::Extended, days(0)),
            extended,
            "received {received}"
        );
    }
}

#[test]
fn domain_1_2_a_pause_moves_the_date_by_exactly_its_length() {
    for (received, paused, expected) in [
        // 8 July is a Wednesday.
        ("2026-06-08", 1, "2026-07-09"),
        ("2026-06-08", 2, "2026-07-10"),
        ("2026-06-08", 5, "2026-07-13"),
        // 11 July is a Saturday.
        ("2026-06-08", 3, "2026-07-13"),
        // The corresponding date, a Saturday, moves; not the Monday that would have stood for it.
        ("2026-09-03", 3, "2026-10-06"),
        ("2026-09-03", 1, "2026-10-05"),
        ("2025-01-31", 3, "2025-03-03"),
    ] {
        assert_eq!(
            due_on(received, Period::Month, days(paused)),
            expected,
            "{received} paused {paused} d"
        );
    }
}

#[test]
fn domain_1_2_a_pause_of_hours_moves_the_moment_by_hours() {
    let calendar = calendar();
    let moment = |paused| due(&calendar, at("2026-06-08"), Period::Month, paused).unwrap();
    assert_eq!(moment(days(0)).to_string(), "2026-07-08T23:00:00Z");
    assert_eq!(
        moment(Duration::from_mins(150)).to_string(),
        "2026-07-09T01:30:00Z"
    );
    assert_eq!(
        last_day(&calendar, moment(Duration::from_mins(150))).to_string(),
        "2026-07-09"
    );
}

#[test]
fn domain_1_2_a_pause_across_the_change_of_clocks_is_no_hour_longer() {
    // Due at midnight after 10 March; three weeks later it is summer time, so the same length ends at one o'clock.
    let moment = due(&calendar(), at("2026-02-10"), Period::Month, days(21)).unwrap();
    assert_eq!(moment.to_string(), "2026-04-01T00:00:00Z");
    assert_eq!(last_day(&calendar(), moment).to_string(), "2026-04-01");
}

#[test]
fn domain_1_2_the_day_of_receipt_is_that_of_the_place() {
    // Half past eleven at night in UTC is the next day in a London summer.
    let late: Timestamp = "2026-06-07T23:30:00Z".parse().unwrap();
    let due = due(&calendar(), late, Period::Month, days(0)).unwrap();
    assert_eq!(last_day(&calendar(), due).to_string(), "2026-07-08");
}

#[test]
fn domain_1_2_an_extension_is_refused_once_the_first_month_is_over() {
    let may = |now: &str, paused| may_extend(&calendar(), at("2026-09-03"), days(paused), at(now)).unwrap();
    assert!(may("2026-09-04", 0) && may("2026-10-05", 0));
    assert!(!may("2026-10-06", 0));
    assert!(may("2026-10-06", 3) && !may("2026-10-07", 3));
}

#[test]
fn holidays_are_data() {
    let zone = calendar().zone().clone();
    let holiday: Date = "2026-07-08".parse().unwrap();
    let due = |calendar: &Calendar| {
        let due = due(calendar, at("2026-06-08"), Period::Month, days(0)).unwrap();
        last_day(calendar, due).to_string()
    };
    assert_eq!(due(&Calendar::new(zone.clone(), [holiday])), "2026-07-09");
    assert_eq!(due(&Calendar::new(zone, [])), "2026-07-08");
}
