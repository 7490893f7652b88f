//! Lines for a terminal.

use std::fmt::Write;

use super::{Report, median_and_range, number, target, times_better};
use crate::{
    context::Installation,
    record::Record,
    rows::{ROWS, Row},
};

/// Columns of a row's label and of a figure.
const LABEL: usize = 66;
const FIGURE: usize = 26;

impl Report {
    /// All rows that were measured, peers beside them, settings below.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let own = [Installation::Embedded, Installation::PostgresRedis].map(|one| self.own(one));
        let rows = ROWS.iter().filter(|row| {
            own.iter()
                .flatten()
                .any(|record| record.median(row.key).is_some())
        });
        line(
            &mut text,
            "",
            [
                "embedded",
                "postgres + redis",
                "target",
                "others, as measured elsewhere",
            ],
        );
        for row in rows {
            let cells = own.map(|record| cell(record, row));
            line(
                &mut text,
                row.label,
                [&cells[0], &cells[1], &target(row), row.peers],
            );
        }
        self.beside(&mut text);
        self.remarks(&mut text);
        text
    }

    /// Peers in the same sitting, with how many times better ours is.
    fn beside(&self, text: &mut String) {
        let own = self.own(Installation::PostgresRedis);
        for (peer, found) in self.peers() {
            let _ = writeln!(text, "\n{}", peer.name());
            let theirs = match found {
                Ok(theirs) => theirs,
                Err(why) => {
                    let _ = writeln!(text, "  {why}");
                    continue;
                }
            };
            for row in ROWS {
                let Some(theirs) = theirs.median(row.key) else {
                    continue;
                };
                let ours = own.and_then(|own| own.median(row.key));
                let ratio = ours.map_or_else(String::new, |ours| {
                    format!("ours is {:.2} times as good", times_better(row, ours, theirs))
                });
                let _ = writeln!(
                    text,
                    "  {:<LABEL$}{:>FIGURE$}  {ratio}",
                    row.label,
                    number(theirs)
                );
            }
            describe(text, theirs);
        }
    }

    fn remarks(&self, text: &mut String) {
        text.push('\n');
        for (name, value) in &self.machine.0 {
            let _ = writeln!(text, "{name}: {value}");
        }
        for (installation, measured) in &self.installations {
            let _ = writeln!(text, "\n{}", installation.name());
            describe(text, &measured.own);
        }
    }
}

fn describe(text: &mut String, record: &Record) {
    for (name, value) in &record.settings {
        let _ = writeln!(text, "  {name}: {value}");
    }
    for note in &record.notes {
        let _ = writeln!(text, "  {note}");
    }
}

fn cell(record: Option<&Record>, row: &Row) -> String {
    let figure = record.and_then(|record| median_and_range(record, row.key));
    figure.unwrap_or_else(|| "-".to_owned())
}

fn line(text: &mut String, label: &str, [embedded, fleet, target, peers]: [&str; 4]) {
    let line = format!("{label:<LABEL$}{embedded:>FIGURE$}{fleet:>FIGURE$}  {target:<24}{peers}");
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::super::example;

    #[test]
    fn rows_stand_beside_their_targets_and_missing_peers_are_named() {
        let table = example().table();
        let row = table
            .lines()
            .find(|line| line.starts_with("no-op runs/s, in batches"));
        assert!(
            row.unwrap()
                .contains("21,000 [20,000-25,000]  ≥ 20,000 (aim 30,000)"),
            "{table}"
        );
        assert!(table.contains("ours is 2.00 times as good"), "{table}");
        assert!(table.contains("not found: npm cannot be started"), "{table}");
        assert!(table.contains("Postgres fsync: on"), "{table}");
    }
}
