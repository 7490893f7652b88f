//! The keyboard: WCAG 2.2, 2.1.1 (keyboard), 2.4.3 (focus order), 2.4.7 (focus visible), 2.4.11 (focus not obscured).

use anyhow::{Context, Result};
use serde_json::Value;
use thirtyfour::Key;

use crate::browser::Browser;

/// How many things the keyboard must reach.
const COUNT: &str = include_str!("controls.js");

/// How it stands with the focus: its place among them, and what is wrong with how it shows.
const FOCUS: &str = concat!(include_str!("controls.js"), "\n", include_str!("focus.js"));

/// What the Tab key does not reach in the page's order, or does not show. The page must have been loaded anew.
pub(crate) async fn findings(browser: &Browser) -> Result<Vec<String>> {
    let count = format!("{COUNT}\nreturn controls.length;");
    let count = browser
        .ask(&count, Vec::new())
        .await?
        .as_u64()
        .context("no count")?;
    let mut findings = Vec::new();
    for place in 0..count {
        browser.keys(Key::Tab).await?;
        let focus = browser.ask(FOCUS, Vec::new()).await?;
        if focus["place"] != place {
            findings.push(format!("Tab {place} leads to {focus}"));
        }
        let wrong = focus["wrong"].as_array().with_context(|| focus.to_string())?;
        findings.extend(wrong.iter().filter_map(Value::as_str).map(str::to_owned));
    }
    browser.ask("document.activeElement.blur();", Vec::new()).await?;
    Ok(findings)
}
