//! `levqor verify --check-report`.

use std::path::Path;

use anyhow::Context;
use levqor_verify::report::{Checked, check as checked, table};
use serde_json::json;

/// Whether the report is as it was signed, and every verdict in it holds.
pub(super) fn check(file: &Path, expected: Option<&str>, as_json: bool) -> anyhow::Result<bool> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read"))?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    match checked(&text, expected) {
        Ok(Checked { report }) => {
            if as_json {
                let (key, holds) = (&report.public_key, report.holds);
                println!("{}", json!({"valid": true, "public_key": key, "holds": holds}));
            } else {
                print!("{}", table(&report)?);
                let whose = if expected.is_some() {
                    ", the key that was expected"
                } else {
                    ""
                };
                println!("signed by {}{whose}", report.public_key);
            }
            Ok(report.holds)
        }
        Err(broken) => {
            if as_json {
                println!("{}", json!({"valid": false, "why": broken.to_string()}));
            } else {
                println!("{name}: {broken}");
            }
            Ok(false)
        }
    }
}
