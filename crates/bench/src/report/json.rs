//! One object: a member for each installation, in it a member for each row that was measured.

use serde_json::{Map, Value, json};

use super::{Report, times_better};
use crate::{record::Record, rows::ROWS};

impl Report {
    /// `{"embedded": {…}, "postgres_redis": {…}}`. Medians are members under the rows' names; beside them stand `rounds`
    /// (samples of each row), `series`, `notes`, `settings`, `machine` and, where peers were measured, `peers`.
    pub fn json(&self) -> Value {
        let mut report = Map::new();
        for (installation, measured) in &self.installations {
            let mut figures = record(&measured.own);
            figures.insert("machine".to_owned(), pairs(&self.machine.0));
            if !measured.peers.is_empty() {
                figures.insert("peers".to_owned(), self.peers_beside(&measured.own));
            }
            report.insert(installation.key().to_owned(), Value::Object(figures));
        }
        Value::Object(report)
    }

    fn peers_beside(&self, own: &Record) -> Value {
        let mut peers = Map::new();
        for (peer, found) in self.peers() {
            let value = match found {
                Err(why) => json!({"not_found": why}),
                Ok(theirs) => {
                    let mut figures = record(theirs);
                    figures.insert("times_better".to_owned(), ratios(own, theirs));
                    Value::Object(figures)
                }
            };
            peers.insert(peer.name().to_owned(), value);
        }
        Value::Object(peers)
    }
}

fn record(record: &Record) -> Map<String, Value> {
    let mut figures = Map::new();
    let mut rounds = Map::new();
    for row in ROWS {
        if let Some(median) = record.median(row.key) {
            figures.insert(row.key.to_owned(), json!(median));
            rounds.insert(row.key.to_owned(), json!(record.sorted(row.key)));
        }
    }
    figures.insert("rounds".to_owned(), Value::Object(rounds));
    let series = record
        .series
        .iter()
        .map(|series| json!({"name": series.name, "unit": series.unit, "points": series.points}));
    figures.insert("series".to_owned(), series.collect());
    figures.insert("notes".to_owned(), json!(record.notes));
    figures.insert("settings".to_owned(), pairs(&record.settings));
    figures
}

fn pairs(pairs: &[(String, String)]) -> Value {
    let pairs = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(pairs.collect())
}

/// How many times better ours is, by row.
fn ratios(own: &Record, theirs: &Record) -> Value {
    let ratio = |row: &crate::rows::Row| {
        let ratio = times_better(row, own.median(row.key)?, theirs.median(row.key)?);
        Some((row.key.to_owned(), json!(ratio)))
    };
    Value::Object(ROWS.iter().filter_map(ratio).collect())
}

#[cfg(test)]
mod tests {
    use super::super::example;

    #[test]
    fn medians_are_members_of_the_installation() {
        let report = example().json();
        let fleet = &report["postgres_redis"];
        assert_eq!(report.as_object().unwrap().len(), 1);
        assert_eq!(fleet["noop_batch_per_s"], 21_000.0);
        assert_eq!(fleet["rounds"]["noop_batch_per_s"].as_array().unwrap().len(), 3);
        assert_eq!(fleet["peers"]["bullmq"]["times_better"]["start_p50_ms"], 2.0);
        assert_eq!(
            fleet["peers"]["graphile"]["not_found"],
            "not found: npm cannot be started"
        );
        assert_eq!(fleet["settings"]["Postgres fsync"], "on");
    }
}
