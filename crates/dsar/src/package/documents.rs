//! `README.txt` and `data.json`.

use askama::Template;
use serde_json::{Map, Value, json};

use super::{Dataset, Snapshot, time};

/// The file for people who open the ZIP.
#[derive(Template)]
#[template(path = "readme.txt", escape = "none")]
pub(super) struct Readme<'a> {
    pub(super) controller: &'a str,
    pub(super) request: String,
    pub(super) received: String,
    pub(super) collected: String,
    pub(super) datasets: &'a [Dataset],
    pub(super) key: String,
}

impl<'a> Readme<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, key: String) -> Self {
        Self {
            controller: &snapshot.controller,
            request: snapshot.request.to_string(),
            received: time(snapshot.received_at),
            collected: time(snapshot.collected_at),
            datasets: &snapshot.datasets,
            key,
        }
    }
}

impl Dataset {
    /// Its file in the package.
    pub(super) fn path(&self) -> String {
        format!("csv/{}.csv", self.name)
    }
}

/// All data, unaltered.
pub(super) fn data(snapshot: &Snapshot) -> Value {
    let rows: Map<String, Value> = snapshot
        .datasets
        .iter()
        .map(|set| (set.name.clone(), json!(set.rows)))
        .collect();
    json!({
        "request": snapshot.request,
        "collected_at": time(snapshot.collected_at),
        "datasets": rows,
    })
}
