//! `index.html`: the data to read, without a script or anything from elsewhere.

use askama::Template;
use serde_json::{Map, Value};

use super::{Dataset, Snapshot, time};

/// Most rows of a table that are shown; the CSV has all.
const SHOWN: usize = 1_000;

/// The page.
#[derive(Template)]
#[template(path = "index.html")]
pub(super) struct Page<'a> {
    controller: &'a str,
    email: &'a str,
    received: String,
    collected: String,
    tables: Vec<Table<'a>>,
}

struct Table<'a> {
    set: &'a Dataset,
    path: String,
    shown: &'a [Map<String, Value>],
}

impl<'a> Page<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let tables = snapshot.datasets.iter().map(|set| {
            let shown = set.rows.get(..SHOWN).unwrap_or(&set.rows);
            Table {
                path: set.path(),
                set,
                shown,
            }
        });
        Self {
            controller: &snapshot.controller,
            email: &snapshot.email,
            received: time(snapshot.received_at),
            collected: time(snapshot.collected_at),
            tables: tables.collect(),
        }
    }
}

impl Table<'_> {
    fn cell(row: &Map<String, Value>, column: &str) -> String {
        match row.get(column) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }
    }
}
