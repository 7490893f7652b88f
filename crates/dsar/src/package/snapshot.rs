//! A person's data as it was at one moment.

use levqor_entities::{
    data_map::Entry,
    ids::{DsarId, Timestamp, UserId},
    subject::Rows,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a package is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The request it answers.
    pub request: DsarId,
    /// Name of the tenant: the controller.
    pub controller: String,
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// When the request came in.
    pub received_at: Timestamp,
    /// When the rows were read.
    pub collected_at: Timestamp,
    /// One for each table that may hold something, also when it holds nothing; in order of their names.
    pub datasets: Vec<Dataset>,
}

/// One table's rows about the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// The table.
    pub name: String,
    /// What personal data is in it.
    pub holds: String,
    /// How long it is kept.
    pub kept: String,
    /// On which basis.
    pub basis: String,
    /// Names of columns, in order.
    pub columns: Vec<String>,
    /// Columns that open something and are not given out.
    pub left_out: Vec<String>,
    /// The rows, in the order of their times.
    pub rows: Vec<Map<String, Value>>,
}

impl Dataset {
    /// From rows as the database gives them, in an order of their own.
    pub fn new(entry: &Entry, found: Rows) -> Self {
        let mut rows: Vec<_> = found.rows.into_iter().map(with_times).collect();
        rows.sort_by_cached_key(|row| (first_time(row), Value::Object(row.clone()).to_string()));
        Self {
            name: entry.table.to_owned(),
            holds: entry.holds.to_owned(),
            kept: entry.keep.words(),
            basis: entry.basis.words().to_owned(),
            columns: found.columns,
            left_out: found.left_out,
            rows,
        }
    }
}

/// Whether a column of whole numbers holds times, as tables name them.
fn is_time(column: &str) -> bool {
    column == "at" || column == "due" || column.ends_with("_at") || column.ends_with("_until")
}

fn with_times(mut row: Map<String, Value>) -> Map<String, Value> {
    for (column, value) in &mut row {
        if let (true, Some(micros)) = (is_time(column), value.as_i64()) {
            *value = super::time(Timestamp(micros)).into();
        }
    }
    row
}

fn first_time(row: &Map<String, Value>) -> String {
    let time = row
        .iter()
        .find(|(column, value)| is_time(column) && value.is_string());
    time.and_then(|(_, value)| value.as_str())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use levqor_entities::data_map::entry;
    use serde_json::json;

    use super::*;

    fn row(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn rows_are_sorted_by_time_and_times_can_be_read() {
        let rows = vec![
            row(json!({"id": "b", "created_at": 1_767_225_600_000_001_i64, "n": 5})),
            row(json!({"id": "a", "created_at": 1_767_225_600_000_000_i64, "n": 7})),
        ];
        let (columns, left_out) = (vec!["id".into(), "created_at".into(), "n".into()], Vec::new());
        let dataset = Dataset::new(
            entry("tenants").unwrap(),
            Rows {
                columns,
                left_out,
                rows,
            },
        );
        assert_eq!(
            Value::Object(dataset.rows[0].clone()),
            json!({"id": "a", "created_at": "2026-01-01T00:00:00.000000Z", "n": 7})
        );
        assert_eq!(dataset.rows[1]["id"], "b");
    }
}
