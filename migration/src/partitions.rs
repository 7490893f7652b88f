//! How `ended` is cut on Postgres (P12): by retention class, then by the day in which the run's id was made.
//!
//! Ids are UUIDv7-shaped: their first 48 bits are milliseconds since the Unix epoch, so a day is a range of ids.

use jiff::civil::Date;

/// The retention classes, a fixed list. A run without a class of its own is `standard`.
pub const CLASSES: [&str; 3] = ["standard", "short", "long"];

/// How many days there are ranges for, today included.
pub const DAYS_AHEAD: u16 = 8;

const MICROS_PER_DAY: i64 = 86_400_000_000;
const MILLIS_PER_DAY: i64 = 86_400_000;

/// A day of UTC, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day that holds this time (microseconds since the Unix epoch).
    pub fn of(micros: i64) -> Self {
        Self(micros.div_euclid(MICROS_PER_DAY))
    }

    /// The day after it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Its first microsecond since the Unix epoch.
    pub fn start(self) -> i64 {
        self.0.saturating_mul(MICROS_PER_DAY)
    }

    /// The least id made in it, in the text form of a UUID; ids of earlier days sort before it.
    pub fn first_id(self) -> String {
        let hex = format!(
            "{:012x}",
            self.0.saturating_mul(MILLIS_PER_DAY).clamp(0, (1 << 48) - 1)
        );
        let (high, low) = hex.split_at(8);
        format!("{high}-{low}-0000-0000-000000000000")
    }

    /// `20261122`.
    fn name(self) -> String {
        let days = i32::try_from(self.0).unwrap_or(i32::MAX);
        let date =
            Date::constant(1970, 1, 1).saturating_add(jiff::Span::new().days(days.clamp(0, 2_900_000)));
        date.strftime("%Y%m%d").to_string()
    }

    /// From [`Day::name`].
    fn parse(name: &str) -> Option<Self> {
        let date = Date::strptime("%Y%m%d", name).ok()?;
        let days = date.since(Date::constant(1970, 1, 1)).ok()?.get_days();
        Some(Self(i64::from(days)))
    }
}

/// `count` days from the one that holds `now` (microseconds since the Unix epoch).
pub fn days_from(now: i64, count: u16) -> impl Iterator<Item = Day> {
    let first = Day::of(now).0;
    (first..first.saturating_add(i64::from(count))).map(Day)
}

/// Name of the partition of a class and a day.
pub fn name(class: &str, day: Day) -> String {
    format!("ended_{class}_{}", day.name())
}

/// Class and day of a partition's name; None for a class itself, its default and other tables.
pub fn parse(name: &str) -> Option<(&'static str, Day)> {
    let (class, day) = name.strip_prefix("ended_")?.rsplit_once('_')?;
    let class = CLASSES.into_iter().find(|known| *known == class)?;
    Some((class, Day::parse(day)?))
}

/// The statements that make a class and its default, for ids out of every range.
pub fn create_class(class: &str) -> String {
    format!(
        "CREATE TABLE ended_{class} PARTITION OF ended FOR VALUES IN ('{class}') PARTITION BY RANGE (id);
         CREATE TABLE ended_{class}_default PARTITION OF ended_{class} DEFAULT"
    )
}

/// The statement that makes a day's partition when it is not there.
pub fn create_day(class: &str, day: Day) -> String {
    let (from, to) = (day.first_id(), day.next().first_id());
    let name = name(class, day);
    format!(
        "CREATE TABLE IF NOT EXISTS {name} PARTITION OF ended_{class} FOR VALUES FROM ('{from}') TO ('{to}')"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_348_800_000_000; // 2026-11-22T12:00:00Z

    #[test]
    fn a_partition_is_named_by_its_day_and_found_again() {
        let day = Day::of(NOON);
        assert_eq!(name("long", day), "ended_long_20261122");
        assert_eq!(parse("ended_long_20261122"), Some(("long", day)));
        for other in [
            "ended",
            "ended_long",
            "ended_long_default",
            "ended_other_20261122",
            "ended_long_20261322",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn days_follow_each_other_without_a_gap() {
        let days: Vec<_> = days_from(NOON, 3).collect();
        assert_eq!(
            days,
            [Day::of(NOON), Day(Day::of(NOON).0 + 1), Day(Day::of(NOON).0 + 2)]
        );
        assert_eq!(Day::of(days[0].start()), days[0]);
        assert_eq!(Day::of(days[1].start() - 1), days[0]);
    }

    #[test]
    fn a_days_least_id_holds_its_milliseconds() {
        let millis = Day::of(NOON).start() / 1_000;
        let id = Day::of(NOON).first_id().replace('-', "");
        assert_eq!(i64::from_str_radix(&id[..12], 16), Ok(millis));
        assert!(id[12..].chars().all(|digit| digit == '0'));
    }
}
