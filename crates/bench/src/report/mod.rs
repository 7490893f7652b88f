//! What was measured, for people and programs.

mod html;
mod json;
mod svg;
mod table;

use crate::{
    context::Installation,
    machine::Machine,
    peer::Peer,
    record::Record,
    rows::{Better, Row},
    scenario::Measured,
};

/// Figures of the installations that were measured.
pub struct Report {
    machine: Machine,
    installations: Vec<(Installation, Measured)>,
}

impl Report {
    pub(crate) fn new(machine: Machine) -> Self {
        Self {
            machine,
            installations: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, installation: Installation, measured: Measured) {
        self.installations.push((installation, measured));
    }

    fn own(&self, installation: Installation) -> Option<&Record> {
        let found = self.installations.iter().find(|(one, _)| *one == installation);
        found.map(|(_, measured)| &measured.own)
    }

    /// Peers that were asked for, with their figures or why there are none.
    fn peers(&self) -> impl Iterator<Item = (Peer, Result<&Record, &str>)> {
        let peers = self
            .installations
            .iter()
            .flat_map(|(_, measured)| &measured.peers);
        peers.map(|(peer, record)| (*peer, record.as_ref().map_err(String::as_str)))
    }
}

/// How many times better ours is than theirs; below 1 it is worse.
fn times_better(row: &Row, ours: f64, theirs: f64) -> f64 {
    match row.better {
        Better::More => ours / theirs,
        Better::Less => theirs / ours,
    }
}

/// A figure with as many digits as it deserves.
fn number(figure: f64) -> String {
    match figure.abs() {
        _ if !figure.is_finite() => "∞".to_owned(),
        large if large >= 100.0 => grouped(figure.round() as i64),
        small if small < 0.1 && small > 0.0 => format!("{figure:.4}"),
        _ => format!("{figure:.2}"),
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The target and what it aims at, as text.
fn target(row: &Row) -> String {
    let sign = match row.better {
        Better::More => "≥",
        Better::Less => "≤",
    };
    match (row.target, row.aim) {
        (None, _) => String::new(),
        (Some(target), None) => format!("{sign} {}", number(target)),
        (Some(target), Some(aim)) => format!("{sign} {} (aim {})", number(target), number(aim)),
    }
}

/// The median with the least and the largest of the rounds.
fn median_and_range(record: &Record, key: &str) -> Option<String> {
    let samples = record.sorted(key);
    let median = number(record.median(key)?);
    Some(match samples.as_slice() {
        [least, .., most] => format!("{median} [{}-{}]", number(*least), number(*most)),
        _ => median,
    })
}

#[cfg(test)]
pub(super) fn example() -> Report {
    let mut own = Record::default();
    for rate in [20_000.0, 21_000.0, 25_000.0] {
        own.push("noop_batch_per_s", rate);
    }
    own.push("start_p50_ms", 1.9);
    own.note("measured <here> & now");
    own.settings.push(("Postgres fsync".to_owned(), "on".to_owned()));
    own.series.push(crate::record::Series {
        name: "steady",
        unit: "/s",
        points: vec![(10.0, 100.0), (20.0, 110.0)],
    });
    let mut theirs = Record::default();
    theirs.push("noop_batch_per_s", 10_500.0);
    theirs.push("start_p50_ms", 3.8);
    let peers = vec![
        (Peer::Bullmq, Ok(theirs)),
        (Peer::Graphile, Err("not found: npm cannot be started".to_owned())),
    ];
    let mut report = Report::new(Machine(vec![("cores".to_owned(), "2".to_owned())]));
    report.add(Installation::PostgresRedis, Measured { own, peers });
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::row;

    #[test]
    fn figures_have_the_digits_they_deserve() {
        let figures = [27_267.4, 1.234, 0.012_34, -1_234_567.0, f64::INFINITY, 0.0];
        assert_eq!(
            figures.map(number),
            ["27,267", "1.23", "0.0123", "-1,234,567", "∞", "0.00"]
        );
    }

    #[test]
    fn ratios_say_how_many_times_better_ours_is() {
        let ratio = |key, ours, theirs| number(times_better(row(key).unwrap(), ours, theirs));
        assert_eq!(ratio("noop_batch_per_s", 20.0, 10.0), "2.00");
        assert_eq!(ratio("start_p50_ms", 2.0, 1.0), "0.50");
    }
}
