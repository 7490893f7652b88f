//! Whether a page fits: WCAG 2.2, 1.4.4 (resize text), 1.4.10 (reflow), 1.4.12 (text spacing).

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::browser::Browser;

/// What sticks out or is cut off.
const MEASURE: &str = include_str!("reflow.js");

/// Style sheets that a person may lay over a page: none, the spacing of 1.4.12, and text twice as large.
const PREFERENCES: [(&str, &str); 3] = [
    ("as it is", ""),
    (
        "with wide spacing",
        "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
         p { margin-bottom: 2em !important; }",
    ),
    ("with text twice as large", "html { font-size: 200% !important; }"),
];

/// What does not fit into a window of this width.
pub(crate) async fn findings(browser: &Browser, width: u32) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (how, rules) in PREFERENCES {
        let found = browser.ask(MEASURE, vec![json!(width), json!(rules)]).await?;
        let found = found.as_array().with_context(|| found.to_string())?;
        let texts = found.iter().filter_map(Value::as_str);
        findings.extend(texts.map(|text| format!("{width} px {how}: {text}")));
    }
    Ok(findings)
}
