//! The dashboards' queries, as Grafana would send them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A query and where it is shown.
pub(crate) struct Query {
    /// Dashboard, panel and legend.
    pub(crate) place: String,
    /// Its variables replaced by what they stand for when nothing is chosen.
    pub(crate) expression: String,
}

/// A file of this repository.
pub(crate) fn file(path: &str) -> Result<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    path.canonicalize().with_context(|| path.display().to_string())
}

/// Those of all panels of all dashboards.
pub(crate) fn queries() -> Result<Vec<Query>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(file("grafana/dashboards")?)? {
        let path = entry?.path();
        let board: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let before = found.len();
        for panel in list(&board["panels"])? {
            for target in panel["targets"].as_array().into_iter().flatten() {
                found.push(query(&board, panel, target)?);
            }
        }
        ensure!(found.len() > before, "{} asks nothing", path.display());
    }
    Ok(found)
}

fn query(board: &Value, panel: &Value, target: &Value) -> Result<Query> {
    let text = target["expr"].as_str().context("no expression")?;
    let expression = text
        .replace("$__rate_interval", "10s")
        .replace("$job", ".+")
        .replace("$instance", ".+");
    ensure!(!expression.contains('$'), "an unknown variable in {text}");
    Ok(Query {
        place: format!(
            "{}, {}, {}",
            board["title"], panel["title"], target["legendFormat"]
        ),
        expression,
    })
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("no list")
}
