//! Which days are working days, and where a day begins.

use std::collections::BTreeSet;

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// Bank holidays of England and Wales, a date and a name in each line.
const ENGLAND: &str = include_str!("../../data/bank-holidays-england.txt");

/// A place's working days.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Days in this zone; Saturdays, Sundays and these holidays are no working days.
    pub fn new(zone: TimeZone, holidays: impl IntoIterator<Item = Date>) -> Self {
        let holidays = holidays.into_iter().collect();
        Self { zone, holidays }
    }

    /// England and Wales: the zone and bank holidays of the original service. Years that the list does not reach have
    /// weekends only.
    ///
    /// # Errors
    /// The program's own time zones or list of holidays cannot be read.
    pub fn england() -> Result<Self, jiff::Error> {
        let lines = ENGLAND
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let date = |line: &str| line.split(' ').next().unwrap_or_default().parse();
        let holidays = lines.map(date).collect::<Result<Vec<Date>, _>>()?;
        Ok(Self::new(TimeZone::get("Europe/London")?, holidays))
    }

    /// Where days begin.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// This day, or the next that is a working day.
    pub(super) fn working_day(&self, mut day: Date) -> Date {
        while !self.is_working_day(day) {
            day = day.saturating_add(1.day());
        }
        day
    }

    fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }
}
